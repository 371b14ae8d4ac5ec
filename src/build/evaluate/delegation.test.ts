/** Which stages are given away, with what, and what the stages above get back. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { treeOf } from '../../../test/support/trees.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { formatReference, sha256, type ImageConfig } from '../../oci/index.ts'
import { newAddSources } from '../add/add-sources.ts'
import type { BaseImage } from '../base/base-image.ts'
import { newContexts } from '../contexts.ts'
import type { StageRequest } from '../delegate/stage-request.ts'
import type { ResolvedImage } from '../plan/model.ts'
import { evaluateImage } from './evaluate.ts'

const platform = { os: 'linux', architecture: 'amd64' }

interface Options {
  readonly args?: Record<string, string>
  readonly target?: string
  readonly delegate?: ResolvedImage['delegate']
  readonly contexts?: Record<string, string>
  /** ONBUILD of images by reference */
  readonly triggers?: Record<string, string[]>
}

function baseOf(description: string, config: ImageConfig['config'], files = {}): BaseImage {
  return {
    description,
    config: { ...platform, config: config ?? {}, rootfs: { type: 'layers', diff_ids: [] } },
    layers: [],
    tree: async () => treeOf(files, description),
  }
}

/** Evaluates a Dockerfile whose context is a folder with a.txt and b.txt; the builder answers with one file. */
async function evaluated(text: string, options: Options = {}) {
  await using folder = await temporaryFolder()
  for (const name of ['a.txt', 'b.txt']) await writeFile(folder.join(name), name)
  const dockerfile = folder.join('Dockerfile')
  await writeFile(dockerfile, text)
  // No client is made before an address is asked for, so there is nothing to close.
  const addSources = newAddSources({ cache: folder.join('cache') })
  const requests: StageRequest[] = []
  const resolved: string[] = []
  const image: ResolvedImage = {
    name: 'x',
    variant: undefined,
    tags: [],
    base: false,
    dockerfile,
    dockerfileAt: undefined,
    target: options.target,
    args: options.args ?? {},
    ownArgs: [],
    labels: {},
    annotations: {},
    capabilities: {},
    platforms: [],
    delegate: 'delegate' in options ? options.delegate : 'auto',
    at: undefined,
  }
  const result = await evaluateImage({
    image,
    target: {
      platform,
      files: undefined,
      context: folder.path,
      contexts: options.contexts ?? {},
      needs: [],
    },
    contexts: newContexts({ root: folder.path, mtime: 0, warn: () => undefined }),
    buildPlatform: platform,
    mtime: 5,
    warn: () => undefined,
    addSources,
    resolveTarget: async () => Promise.reject(new Error('there is no plan')),
    async resolveBase(reference) {
      const name = formatReference(reference)
      resolved.push(name)
      const OnBuild = options.triggers?.[name]
      return baseOf(name, { Env: ['PATH=/bin', 'B=base'], ...(OnBuild && { OnBuild }) })
    },
    async delegateStage(request) {
      requests.push(request)
      const config = { Env: ['PATH=/bin', 'B=base', 'MADE=yes'], WorkingDir: '/made', User: '7' }
      return baseOf(request.label, config, { 'made.txt': 'made' })
    },
  })
  return { ...result, requests, resolved }
}

const labels = (requests: readonly StageRequest[]) => requests.map(({ label }) => label).toSorted()

for (const [what, text, expected] of [
  ['a last stage with RUN', 'FROM x.test/a\nRUN one\n', ['stage 0']],
  ['no stage without RUN', 'FROM x.test/a\nENV A=b\n', []],
  ['only the lower of two', 'FROM x.test/a AS low\nRUN one\nFROM low\nENV A=b\n', ['stage low']],
  ['both of two as one', 'FROM x.test/a AS low\nRUN one\nFROM low AS high\nRUN two\n', ['stage high']],
  [
    'two that are copied from',
    'FROM x.test/a AS p\nRUN one\nFROM x.test/a AS q\nRUN two\nFROM scratch\nCOPY --from=p /made.txt /p\nCOPY --from=q /made.txt /q\n',
    ['stage p', 'stage q'],
  ],
  ['none that nothing reaches', 'FROM x.test/a AS p\nRUN one\nFROM scratch\nENV A=b\n', []],
  [
    'one whose parent has ONBUILD RUN',
    'FROM x.test/a AS p\nONBUILD RUN one\nFROM p AS q\nENV A=b\n',
    ['stage q'],
  ],
] as const) {
  test(`the builder gets ${what}`, async () => {
    const { requests } = await evaluated(text)
    assert.deepEqual(labels(requests), expected)
  })
}

test('ONBUILD RUN of a base makes its stage one of the builder, another trigger does not', async () => {
  const text = 'FROM x.test/a:1\nENV A=b\n'
  const name = 'x.test/a:1'
  const { requests } = await evaluated(text, { triggers: { [name]: ['ENV C=d', 'run make'] } })
  assert.equal(requests.length, 1)
  assert.deepEqual([requests[0]?.at.line, requests[0]?.at.column], [1, 6])
  assert.equal((await evaluated(text, { triggers: { [name]: ['ENV C=d'] } })).requests.length, 0)
})

test('without leave RUN is refused, and the hint says how to give it', async () => {
  await assert.rejects(evaluated('FROM x.test/a\nRUN one\n', { delegate: undefined }), {
    code: 'DOCKERFILE_UNSUPPORTED',
    hint: /--delegate/,
  })
})

test('what stands on the result has its files, config and variables', async () => {
  const { config, tree, requests } = await evaluated(
    'FROM x.test/a AS made\nARG A=one\nARG B\nENV MADE=yes\nRUN two\nFROM made\nWORKDIR sub\nENV SEEN="$A $B $MADE"\n',
    { args: { B: 'given' } },
  )
  assert.equal(requests[0]?.at.line, 5)
  assert.ok(config.config?.Env?.includes('SEEN=one given yes'), String(config.config?.Env))
  assert.equal(config.config?.WorkingDir, '/made/sub')
  assert.equal(config.config?.User, '7')
  assert.equal(tree.lookup('made.txt')?.size, 4)
})

test('the builder gets the file up to the stage, and only what the stage can use', async () => {
  const { requests } = await evaluated(
    'FROM x.test/a AS made\nARG USED\nCOPY a.txt /\nRUN two\nFROM scratch\nARG LATER\nCOPY --from=made /made.txt /\n',
    { args: { USED: '1', LATER: '2', http_proxy: 'p' } },
  )
  const [request] = requests
  assert.equal(request?.dockerfile.text, 'FROM x.test/a AS made\nARG USED\nCOPY a.txt /\nRUN two\n')
  assert.deepEqual(request?.args, { USED: '1', http_proxy: 'p' })
  assert.deepEqual(request?.context?.reads, ['a.txt'])
  assert.equal(request?.epoch, 5)
})

test('images below the stage are looked up, those of stages that are not needed are not', async () => {
  const { requests, resolved } = await evaluated(
    'FROM x.test/never\nFROM x.test/tools AS tools\nFROM x.test/a AS made\nCOPY --from=tools /t /\nRUN --mount=type=bind,from=x.test/m,target=/m two\n',
  )
  assert.deepEqual(new Set(resolved), new Set(['x.test/tools:latest', 'x.test/a:latest', 'x.test/m:latest']))
  assert.deepEqual(requests[0]?.bases.map(({ name }) => name).toSorted(), [
    'x.test/a',
    'x.test/m',
    'x.test/tools',
  ])
})

test('platforms of commands are those of the stages with RUN', async () => {
  const { requests } = await evaluated(
    'FROM --platform=linux/s390x x.test/a AS low\nRUN one\nFROM --platform=linux/arm64 x.test/b AS mid\nCOPY --from=low /x /\nFROM x.test/c\nCOPY --from=mid /x /\nRUN two\n',
  )
  assert.deepEqual(requests[0]?.runPlatforms.map(({ architecture }) => architecture).toSorted(), [
    'amd64',
    's390x',
  ])
})

test('a stage that reads an address is built every time', async () => {
  const stage = (add: string) => `FROM x.test/a\n${add}\nRUN one\n`
  const isRepeatable = async (add: string) => (await evaluated(stage(add))).requests[0]?.isRepeatable
  assert.equal(await isRepeatable('ADD https://x.test/f /'), false)
  assert.equal(await isRepeatable(`ADD --checksum=${sha256(Buffer.of())} https://x.test/f /`), true)
  assert.equal(await isRepeatable('ADD a.txt /'), true)
})
