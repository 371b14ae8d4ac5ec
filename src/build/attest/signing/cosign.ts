/**
 * Signatures by the program `cosign`, which has the keys, the identities and the logs. What it reads from the
 * environment (`COSIGN_PASSWORD`, `COSIGN_KEY` and every flag as `COSIGN_<FLAG>`) reaches it unchanged.
 */
import { all, Failure, limit, systemCode, type Waiting } from '../../../base/index.ts'
import type { Emit } from '../../events.ts'
import { runGroup, type GroupEnd } from '../../process-group.ts'

export interface SignOptions {
  /** `--key`: a file, the address of a key in a KMS, `env://NAME`, `k8s://…`; absent: as the environment says, or keyless */
  readonly key?: string | undefined
}

export interface SignerOptions extends SignOptions, Waiting {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly emit: Emit
}

export interface Signer {
  /**
   * Signs images by `registry/repository@digest`, an index with all its manifests. One that has a signature by the
   * same key already is left alone; without a key it cannot be known who would sign, so all are signed.
   * @throws Failure SIGNING_FAILED with what cosign said
   */
  sign(references: readonly string[]): Promise<void>
}

/** Looks for cosign, so that it is missed before any work and not after. @throws Failure SIGNING_FAILED */
export async function newSigner(options: SignerOptions): Promise<Signer> {
  const { env, emit, signal } = options
  const key = options.key ?? env['COSIGN_KEY']
  const run = (args: readonly string[], onOutput?: (text: string) => void): Promise<GroupEnd> =>
    runGroup(['cosign', ...args], { env, signal, ...(onOutput && { onOutput }) })
  await run(['version']).catch((error: unknown) => {
    throw systemCode(error) === undefined ? error : noCosign(error)
  })

  /** The public half of the key as text, for looking whether there is a signature. */
  const publicKey = async (): Promise<string | undefined> => {
    if (!key) return undefined
    const { status, output } = await run(['public-key', '--key', key])
    return status === 0 ? /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/.exec(output)?.[0] : undefined
  }
  const isSigned = async (reference: string, pem: string): Promise<boolean> => {
    const args = ['verify', '--key', 'env://SLIPWAY_PUBLIC_KEY', '--insecure-ignore-tlog=true', reference]
    const { status } = await runGroup(['cosign', ...args], {
      env: { ...env, SLIPWAY_PUBLIC_KEY: pem },
      signal,
    })
    return status === 0
  }
  return {
    async sign(references) {
      const pem = await publicKey()
      const slot = limit(4)
      const signed = await all(references, (reference) =>
        slot(async () => pem !== undefined && isSigned(reference, pem)),
      )
      const unsigned = references.filter((_, index) => !signed[index])
      if (unsigned.length === 0) return
      const started = performance.now()
      emit({ kind: 'command-started', id: 'cosign', label: `sign ${unsigned.join(' ')}` })
      const args = ['sign', '--yes', '--recursive', ...(key ? ['--key', key] : []), ...unsigned]
      const end = await run(args, (text) => emit({ kind: 'command-output', id: 'cosign', text }))
      if (end.status !== 0) throw failed(end)
      const seconds = (performance.now() - started) / 1000
      emit({ kind: 'command-finished', id: 'cosign', seconds })
    },
  }
}

function noCosign(cause: unknown): Failure {
  return new Failure('SIGNING_FAILED', 'images cannot be signed: there is no program cosign', {
    hint: 'install cosign (https://docs.sigstore.dev/cosign), or leave --sign out',
    cause,
  })
}

function failed({ status, signal, output }: GroupEnd): Failure {
  const how = signal === null ? `exit status ${status}` : `ended by ${signal}`
  return new Failure('SIGNING_FAILED', `cosign sign failed: ${how}; no name was moved`, {
    output: output.trimEnd().split('\n').slice(-40).join('\n'),
    hint: 'a key needs COSIGN_PASSWORD; without a key cosign needs an identity token (SIGSTORE_ID_TOKEN, or that of CI)',
  })
}
