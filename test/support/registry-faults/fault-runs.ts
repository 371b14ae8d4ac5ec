/** Runs the cases of the fault table and says what came of each. */
import type { BuiltImage } from '../../../src/build/index.ts'
import { sha256 } from '../../../src/oci/index.ts'
import { testImage, testLayer, type TestLayer } from '../built-images.ts'
import type { FaultCase, Situation } from './fault-case.ts'
import { describeState, formatRequests, pushImages, runAgainst, type Run } from './run.ts'
import { startFaultRegistry, type FaultRegistry } from './server.ts'

export interface FaultResult {
  readonly run: Run
  /** what the registry holds afterwards */
  readonly state: string
  /** faults that no request has met; there must be none */
  readonly unmet: readonly unknown[]
  /** names that point at something incomplete; there must be none */
  readonly halfWritten: readonly string[]
}

/** Each case has a registry of its own. */
export async function runFault(fault: FaultCase): Promise<FaultResult> {
  const server = await startFaultRegistry(fault.server)
  try {
    const { situation = 'push', client = {} } = fault
    const scene = await setScene(server, fault, situation)
    const run =
      situation === 'read'
        ? await runAgainst(server, client, async (registry) => {
            const { descriptor } = scene.layer.blob
            for await (const bytes of registry.openBlob('acme/api', descriptor)()) void bytes
          })
        : await pushImages(server, [scene.image], client)
    return {
      run,
      state: describeState(server),
      unmet: server.unmetFaults(),
      halfWritten: halfWrittenNames(server),
    }
  } finally {
    await server.stop()
  }
}

/** The text of a golden file. */
export function describeResult(
  { fault, situation = 'push' }: FaultCase,
  { run, state }: FaultResult,
): string {
  const shown = run.shown === '' ? '(nothing)\n' : run.shown
  return `${situation}: ${fault}\n\n${shown}\nrequests: ${formatRequests(run.requests)}\nin the registry: ${state}\n`
}

async function setScene(
  server: FaultRegistry,
  fault: FaultCase,
  situation: Situation,
): Promise<{ image: BuiltImage; layer: TestLayer }> {
  const layer = await testLayer({ files: { a: 'a'.repeat(fault.layerBytes ?? 10) } })
  const names = situation === 'two repositories' ? ['acme/api:1', 'acme/web:1'] : ['acme/api:1']
  const tags = names.map((name) => `${server.host}/${name}`)
  const { descriptor } = layer.blob
  const bytes = async () => {
    const chunks: Uint8Array[] = []
    for await (const chunk of layer.blob.open()) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  if (situation === 'read') server.keep('acme/api', descriptor.digest, await bytes())
  const layers = [layer]
  if (situation === 'sealed base') {
    server.keep('sealed/base', descriptor.digest, await bytes())
    const origin = { registry: server.host, repository: 'sealed/base' }
    layers[0] = { ...layer, blob: { ...layer.blob, origin } }
  }
  const image = testImage({
    name: 'api',
    tags,
    layers,
    ...(fault.platforms === 2 && {
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
      ],
    }),
  })
  if (situation === 'tag there') await pushTag(server, image)
  if (situation === 'tag taken')
    await pushTag(server, testImage({ name: 'api', tags, layers: [], config: {} }))
  return { image, layer }
}

/** Puts an image in place by another way than the one that is tested. */
async function pushTag(server: FaultRegistry, { top, platforms }: BuiltImage): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of top.open()) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const stored = { mediaType: top.descriptor.mediaType, bytes }
  server.manifests.set('acme/api:1', stored)
  server.manifests.set(`acme/api@${top.descriptor.digest}`, stored)
  for (const { config, layers } of platforms) {
    for (const blob of [config, ...layers.map((layer) => layer.blob)]) {
      const content: Uint8Array[] = []
      for await (const chunk of blob.open()) content.push(chunk)
      server.keep('acme/api', blob.descriptor.digest, Buffer.concat(content))
    }
  }
}

/** Names whose manifests, configs or layers are not all there, whole. */
function halfWrittenNames(server: FaultRegistry): string[] {
  const isWhole = (repository: string, digest: string): boolean => {
    const manifest = server.manifests.get(`${repository}@${digest}`)
    if (manifest) return sha256(manifest.bytes) === digest && isComplete(repository, manifest.bytes)
    const blob = server.blobs.get(digest)
    return blob !== undefined && sha256(blob) === digest
  }
  const isComplete = (repository: string, bytes: Buffer): boolean => {
    const document = JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>
    const named = [document['config'], document['layers'], document['manifests']].flat().filter(Boolean)
    return named.every((one) => isWhole(repository, (one as { digest: string }).digest))
  }
  return [...server.manifests]
    .filter(([name]) => !name.includes('@'))
    .filter(([name, { bytes }]) => !isComplete(name.split(':')[0]!, bytes))
    .map(([name]) => name)
}
