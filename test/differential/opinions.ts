/**
 * `node test/differential/opinions.ts [--step N] [GROUP...]`: asks other builders, Debian's dockerd with its old
 * BuildKit and buildah, about every Nth case, and prints where their file trees are not the oracle's. For people who
 * want to know how settled a question is; it judges nothing, as both builders have known faults.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDockerd } from '../support/dockerd.ts'
import { buildGoPrograms, buildx } from '../support/go-programs.ts'
import { runProgram } from '../support/program.ts'
import { defaultPlatform } from './case.ts'
import { caseGroups } from './cases/index.ts'
import { readGolden } from './golden.ts'
import { imageReport } from './image-report.ts'
import { outcomeDifference, type Outcome } from './outcome.ts'
import { basesHost, openWorkspace, type PreparedCase } from './workspace.ts'

type Build = (prepared: PreparedCase, output: string) => Promise<void>

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { step: { type: 'string', default: '10' } },
})
await using workspace = await openWorkspace()
await using dockerd = await startDockerd()
const buildxFolder = await buildGoPrograms(buildx)
const builders: Readonly<Record<string, Build>> = { dockerd: buildWithDocker, buildah: buildWithBuildah }

for (const [name, build] of Object.entries(builders)) {
  let asked = 0
  const apart: string[] = []
  for (const group of caseGroups) {
    if (positionals.length > 0 && !positionals.includes(group.name)) continue
    const golden = await readGolden(group.name)
    for (const item of group.cases.filter((_, index) => index % Number(values.step) === 0)) {
      const expected = treeOnly(golden[item.name]!.oracle)
      // An image without files is more than the old BuildKit can export.
      if (expected.lines?.length === 0) continue
      asked++
      const prepared = await workspace.prepare(item)
      // Neither knows mirrors for a host that does not exist.
      await writeFile(prepared.dockerfile, item.dockerfile.replaceAll(basesHost, workspace.registry))
      const outcome = await outcomeOf(build, prepared)
      const found = outcomeDifference(expected, treeOnly(outcome))
      if (found.length === 0) continue
      apart.push(`${group.name}: ${item.name}`, ...found.slice(0, 6).map((line) => `    ${line}`))
      if (outcome.error !== undefined)
        apart.push(`    ${outcome.error.split('\n').find((line) => /error/i.test(line))}`)
    }
  }
  const count = apart.filter((line) => !line.startsWith(' ')).length
  process.stdout.write(`${name}: ${asked - count} of ${asked} have the tree of the oracle\n`)
  for (const line of apart) process.stdout.write(`  ${line}\n`)
}

async function outcomeOf(build: Build, prepared: PreparedCase): Promise<Outcome> {
  const output = join(prepared.folder, 'opinion')
  try {
    await build(prepared, output)
  } catch (error) {
    return { error: (error as Error).message }
  }
  return { lines: await imageReport(output) }
}

/** Configs are written in other fields by each, and are not compared. */
function treeOnly({ lines, error }: Outcome): Outcome {
  return error === undefined
    ? { lines: lines.filter((line) => !/^(?:image|config|history)\b/.test(line)) }
    : { error }
}

async function buildWithDocker(prepared: PreparedCase, output: string): Promise<void> {
  const { context, dockerfile, folder } = prepared
  const iid = join(folder, 'iid')
  const flags = ['--platform', prepared.item.platform ?? defaultPlatform, '--iidfile', iid]
  await runProgram(
    join(buildxFolder, 'buildx'),
    [
      'build',
      '--builder=default',
      '--no-cache',
      ...flags,
      ...commonFlags(prepared),
      '-f',
      dockerfile,
      context,
    ],
    { env: { DOCKER_HOST: dockerd.host, DOCKER_CONFIG: join(workspace.path, 'docker') } },
  )
  const archive = join(folder, 'image.tar')
  await dockerd.run(['save', '-o', archive, await readFile(iid, 'utf8')])
  await runProgram('skopeo', ['copy', `docker-archive:${archive}`, `oci:${output}`])
}

async function buildWithBuildah(prepared: PreparedCase, output: string): Promise<void> {
  const { context, contexts, dockerfile, folder, item } = prepared
  const roots = [
    '--storage-driver',
    'vfs',
    '--root',
    join(folder, 'storage'),
    '--runroot',
    join(folder, 'run'),
  ]
  const env = { TMPDIR: workspace.path, BUILDAH_ISOLATION: 'chroot' }
  const named = Object.entries(contexts).flatMap(([name, value]) => [
    '--build-context',
    `${name}=${isAbsolute(value) ? value : value.replace(basesHost, workspace.registry)}`,
  ])
  const ignore = item.ownIgnore === undefined ? [] : ['--ignorefile', `${dockerfile}.dockerignore`]
  const flags = [
    '--format',
    'oci',
    '--tls-verify=false',
    '--layers',
    '--platform',
    item.platform ?? defaultPlatform,
  ]
  await runProgram(
    'buildah',
    [
      ...roots,
      'build',
      ...flags,
      ...named,
      ...ignore,
      ...commonFlags(prepared),
      '-f',
      dockerfile,
      '-t',
      'x',
      context,
    ],
    { env },
  )
  await runProgram('buildah', [...roots, 'push', '--disable-compression', 'x', `oci:${output}`], { env })
}

function commonFlags({ item, args }: PreparedCase): string[] {
  return [
    ...(item.target === undefined ? [] : ['--target', item.target]),
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  ]
}
