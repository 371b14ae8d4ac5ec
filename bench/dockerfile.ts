/**
 * `node bench/dockerfile.ts`: how long a Dockerfile of 500 lines takes to be parsed, evaluated to an image and linted,
 * and what 10 MB of Dockerfile cost. One process, after a warm-up; the first run is shown too, for it is what a
 * command line pays.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { newAddSources } from '../src/build/add/add-sources.ts'
import { newContexts } from '../src/build/contexts.ts'
import { evaluateImage } from '../src/build/evaluate/evaluate.ts'
import type { ResolvedImage, ResolvedPlatform } from '../src/build/plan/model.ts'
import { lintDockerfile, parseDockerfile, splitStages } from '../src/dockerfile/index.ts'
import { temporaryFolder } from '../test/support/temporary-folder.ts'

const rounds = 200
const files = 40

await using work = await temporaryFolder()
const context = work.join('context')
await mkdir(context)
for (let index = 0; index < files; index++) await writeFile(`${context}/file-${index}`, `content ${index}\n`)

const text = dockerfileOf(500)
const path = work.join('Dockerfile')
await writeFile(path, text)
const lines = text.split('\n').length
const instructions = parseDockerfile(text, 'Dockerfile').instructions.length
console.log(
  `${lines} lines, ${instructions} instructions, ${files} files in the context, node ${process.version}`,
)

await report('parse', () => void splitStages(parseDockerfile(text, 'Dockerfile')))
await report('parse and evaluate', evaluate)
await report('parse and lint', () => void lintDockerfile(parseDockerfile(text, 'Dockerfile')))

const large = `FROM scratch\n${text.slice(text.indexOf('\n') + 1)}`.repeat(
  Math.ceil(10_000_000 / text.length),
)
const start = performance.now()
const parsed = parseDockerfile(large, 'Dockerfile')
const middle = performance.now()
const { findings } = lintDockerfile(parsed)
const end = performance.now()
console.log(
  `${(large.length / 1e6).toFixed(1)} MB: parse ${(middle - start).toFixed(0)} ms, lint ${(end - middle).toFixed(0)} ms, ${findings.length} findings`,
)

async function evaluate(): Promise<void> {
  const warn = (): void => undefined
  const platform = { os: 'linux', architecture: 'amd64' }
  const target: ResolvedPlatform = { platform, files: undefined, context, contexts: {}, needs: [] }
  const place = { file: 'bench', line: 1, column: 1 }
  const image: ResolvedImage = {
    name: 'bench',
    variant: undefined,
    tags: [],
    base: false,
    dockerfile: path,
    dockerfileAt: place,
    target: undefined,
    args: {},
    ownArgs: [],
    labels: {},
    annotations: {},
    capabilities: {},
    platforms: [target],
    at: place,
  }
  await evaluateImage({
    image,
    target,
    contexts: newContexts({ root: work.path, mtime: 0, warn }),
    buildPlatform: platform,
    mtime: 0,
    warn,
    addSources: newAddSources({ cache: work.join('cache') }),
    resolveTarget: () => Promise.reject(new Error('there is no plan')),
    resolveBase: async () => Promise.reject(new Error('there is no base')),
  })
}

async function report(name: string, run: () => void | Promise<void>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    await run()
    times.push(performance.now() - begin)
  }
  const [first = 0, ...rest] = times
  const sorted = rest.toSorted((a, b) => a - b)
  const show = (value: number | undefined): string => `${(value ?? 0).toFixed(2)} ms`
  console.log(
    `${name.padEnd(20)} first ${show(first)}, min ${show(sorted[0])}, median ${show(sorted[sorted.length >> 1])}`,
  )
}

/** What long Dockerfiles are made of, in blocks of ten lines. */
function dockerfileOf(length: number): string {
  const blocks = ['FROM scratch']
  for (let index = 0; blocks.length <= length / 10; index++) {
    blocks.push(`# block ${index}
ARG VERSION_${index}=1.${index}
ENV HOME_${index}=/opt/app-${index} \\
    PATH="/opt/app-${index}/bin:$PATH" \\
    NAME_${index}=\${VERSION_${index}:-none}
LABEL org.example.block-${index}="\${NAME_${index}}" org.example.version="\${VERSION_${index}#1.}"
COPY --chown=1000:1000 --chmod=644 file-${index % files} \${HOME_${index}}/
WORKDIR /opt/app-${index}
EXPOSE ${8000 + index}/tcp
`)
  }
  return blocks.join('\n').split('\n').slice(0, length).join('\n')
}
