/** What an error of TLS means, and which file would mend it. */
import { systemCode, type FailureCode } from '../base/index.ts'
import { unknownAuthority } from '../http/index.ts'

export interface TlsJudgement {
  readonly code: FailureCode
  readonly why: string
  readonly hint: string
}

/** Nothing when the error is not one of TLS. `host` is the registry, whose certificates the token server may need too. */
export function judgeTls(error: Error, host: string): TlsJudgement | undefined {
  const code = systemCode(error) ?? ''
  const peer = peerOf(error) ?? host
  const folder = `~/.config/containers/certs.d/${host}`
  const judged = (why: string, hint: string): TlsJudgement => ({
    code: 'REGISTRY_CERTIFICATE',
    why: `${why} (${code})`,
    hint,
  })
  if (unknownAuthority.has(code)) {
    return judged(
      `the certificate of ${peer} is signed by nobody this machine knows`,
      `put the certificate of who signed it into ${folder}/ca.crt, or for every user into /etc/docker/certs.d/${host}/ca.crt`,
    )
  }
  if (code === 'CERT_HAS_EXPIRED')
    return judged(
      `the certificate of ${peer} has expired`,
      'have it renewed there, or set the clock of this machine',
    )
  if (code === 'CERT_NOT_YET_VALID')
    return judged(`the certificate of ${peer} is not valid yet`, 'set the clock of this machine')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { cert } = error as { cert?: { subjectaltname?: string } }
    return judged(
      `the certificate of ${peer} is for ${cert?.subjectaltname || 'other names'}`,
      `name the registry as its certificate does, or have one made for ${peer}`,
    )
  }
  if (
    /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|HANDSHAKE_FAILURE)/.test(
      code,
    )
  ) {
    return judged(
      `${peer} does not let us in without a certificate it knows`,
      `put yours into ${folder}/client.cert and its key into client.key beside it`,
    )
  }
  if (/CERT|SIGNATURE/.test(code))
    return judged(`the certificate of ${peer} is not good`, 'have it renewed by who runs the registry')
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return {
      code: 'REGISTRY_UNREACHABLE',
      why: `${peer} does not speak TLS (${code})`,
      hint: `if plain HTTP is meant, say so: --insecure-registry ${host}, or insecure = true in ~/.config/containers/registries.conf`,
    }
  }
  return undefined
}

function peerOf(error: Error): string | undefined {
  const { peer } = error as { peer?: unknown }
  return typeof peer === 'string' ? peer : undefined
}
