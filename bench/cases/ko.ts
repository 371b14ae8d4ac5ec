/**
 * ko publishes a small Go program with nothing changed, beside a plan of Slipway whose artifact command is the same
 * `go build`. ko builds nothing but Go, so it is no rival for the demo plan.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGoPrograms, findGoPrograms, ko } from '../../test/support/go-programs.ts'
import { hasProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { slipway, type Bench } from '../bench.ts'
import { startBenchRegistry } from '../bench-registry.ts'
import { runSlipway } from '../slipway-run.ts'
import { run } from '../usage.ts'

const name = 'a small Go program, go build included, nothing changed'
const linker = '-s -w'

const plan = `platforms: [linux/amd64]
artifacts:
  hello: { command: [go, build, -trimpath, '-ldflags=${linker}', -o, '\${TARGET_OUT_LINUX}/hello', .] }
images:
  - { name: hello, dockerfile: Dockerfile, artifacts: [hello], files: ['\${TARGET_OUT_LINUX}/hello'] }
`

export async function koCase({ options, results, leaveOut }: Bench): Promise<void> {
  if (!hasProgram('go')) return leaveOut('ko', 'it needs Go, which is not here')
  if ((await findGoPrograms(ko)) === undefined)
    return leaveOut('ko', 'is not here: npm run test:setup brings it')
  const program = join(await buildGoPrograms(ko), 'ko')
  await using folder = await temporaryFolder()
  await using registry = await startBenchRegistry()
  const cwd = folder.join('hello')
  const go = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOCACHE: folder.join('go-cache') }
  await writeProgram(cwd)
  const base = `${registry.host}/base:latest`
  await runSlipway(['build', '--push', '-t', base, 'base'], { cwd, cache: folder.join('cache') })
  const flags = ['--root', '.', '--hub', `${registry.host}/slipway`, '--push']
  const bySlipway = () =>
    runSlipway(['bake', '-f', 'slipway.yaml', ...flags], { cwd, cache: folder.join('cache'), env: go })
  const env = {
    ...go,
    KO_DOCKER_REPO: `${registry.host}/ko`,
    KO_DEFAULTBASEIMAGE: base,
    KOCACHE: folder.join('ko-cache'),
  }
  const arguments_ = ['build', '--sbom=none', '--bare', '--insecure-registry', '--platform=linux/amd64']
  const byKo = () => run(program, [...arguments_, '.'], { cwd, env })
  await bySlipway()
  await byKo()
  for (let round = 0; round < options.rounds; round++) {
    results.add(name, slipway, await bySlipway())
    const { seconds, cpuSeconds, peakMemory } = await byKo()
    results.add(name, `ko ${ko.version}`, {
      seconds,
      ...(cpuSeconds !== undefined && { cpuSeconds }),
      ...(peakMemory !== undefined && { peakMemory }),
    })
  }
}

async function writeProgram(folder: string): Promise<void> {
  await mkdir(`${folder}/base`, { recursive: true })
  const files = {
    'base/Dockerfile': 'FROM scratch\nENV PATH=/ko-app\n',
    Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH}/hello /hello\nENTRYPOINT ["/hello"]\n',
    'go.mod': 'module example.com/hello\n\ngo 1.26\n',
    'main.go':
      'package main\n\nimport "net/http"\n\nfunc main() { _ = http.ListenAndServe(":8080", http.NotFoundHandler()) }\n',
    'slipway.yaml': plan,
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
}
