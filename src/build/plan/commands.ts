/** Artifact commands of a run: each artifact once per platform, and one make per platform for all targets. */
import { resolve } from 'node:path'
import { Failure } from '../../base/index.ts'
import { formatPlatform, type Platform } from '../../oci/index.ts'
import { expand, type Scope } from './expand.ts'
import type { ArtifactCommand, Plan, PlanArtifact, PlanImage, PlanText } from './model.ts'
import { platformVariables } from './platform-variables.ts'
import type { Scopes } from './scopes.ts'

/** An image in one variant on one platform, as far as commands care. */
export interface CommandUser {
  readonly image: PlanImage
  readonly platform: Platform
  readonly scope: Scope
}

export interface Commands {
  /** commands that must have run before the files of `user` are read */
  readonly of: (user: CommandUser) => ArtifactCommand[]
  /** all that were asked for, in that order */
  readonly all: () => ArtifactCommand[]
}

/** `users`: the selected images, whose make targets are made together. */
export function createCommands(plan: Plan, scopes: Scopes, users: () => readonly CommandUser[]): Commands {
  const known = new Map<string, ArtifactCommand>()
  const owners = new Map<string, ArtifactCommand>()
  const artifacts = new Map(plan.artifacts.map((artifact) => [artifact.name, artifact] as const))
  const keep = (id: string, create: () => ArtifactCommand, outputs?: readonly PlanText[]) => {
    const existing = known.get(id)
    if (existing) return existing
    const command = create()
    known.set(id, command)
    command.outputs.forEach((path, index) => claim(owners, command, path, outputs?.[index]))
    return command
  }
  const artifactOf = (name: string, platform: Platform) => {
    const artifact = artifacts.get(name)!
    const own = artifact.isPerPlatform ? platform : undefined
    const id = own ? `${name} ${formatPlatform(own)}` : name
    return keep(id, () => artifactCommand(plan, scopes, artifact, { id, platform: own }), artifact.outputs)
  }
  let groups: ReadonlyMap<string, MakeGroup> | undefined
  const makeOf = (user: CommandUser) => {
    const isIstio = plan.format === 'istio'
    if (isIstio ? plan.env['SKIP_MAKE'] === 'true' : user.image.targets.length === 0) return []
    groups ??= groupByPlatform(users())
    const platform = formatPlatform(user.platform)
    const group = groups.get(platform)
    const isShared = group && (group.images.has(user.image) || user.image.targets.length === 0)
    const id = `make ${platform}${isShared ? '' : ` ${user.image.name}`}`
    return [keep(id, () => makeCommand(plan, id, isShared ? group.users : [user], users()))]
  }
  return {
    of: (user) => [
      ...user.image.artifacts.map(({ text }) => artifactOf(text, user.platform)),
      ...makeOf(user),
    ],
    all: () => [...known.values()],
  }
}

interface MakeGroup {
  readonly users: CommandUser[]
  readonly images: Set<PlanImage>
}

function groupByPlatform(users: readonly CommandUser[]): ReadonlyMap<string, MakeGroup> {
  const groups = new Map<string, MakeGroup>()
  for (const user of users) {
    const platform = formatPlatform(user.platform)
    const group = groups.get(platform) ?? { users: [], images: new Set() }
    group.users.push(user)
    group.images.add(user.image)
    groups.set(platform, group)
  }
  return groups
}

/** Two commands that leave the same file would race: most often one that does not tell platforms apart. */
function claim(
  owners: Map<string, ArtifactCommand>,
  command: ArtifactCommand,
  path: string,
  text: PlanText | undefined,
): void {
  const owner = owners.get(path)
  if (!text) return
  if (!owner) {
    owners.set(path, command)
    return
  }
  throw new Failure(
    'PLAN_INVALID',
    `the commands "${owner.id}" and "${command.id}" would both leave ${text.text}`,
    {
      at: text.at,
      hint: 'put ${TARGET_OUT_LINUX} into the path, or run the command once for all platforms: perPlatform: false',
    },
  )
}

function artifactCommand(
  plan: Plan,
  scopes: Scopes,
  artifact: PlanArtifact,
  { id, platform }: { readonly id: string; readonly platform: Platform | undefined },
): ArtifactCommand {
  const scope = scopes.platform(scopes.args(), platform)
  const { run } = artifact
  const texts = (list: readonly PlanText[]) => list.map((text) => expand(text, scope).text)
  const targets = run.kind === 'make' ? texts(run.targets) : []
  const argv =
    run.kind === 'shell'
      ? ['sh', '-c', run.line.text]
      : run.kind === 'argv'
        ? texts(run.argv)
        : ['make', '--no-print-directory', ...targets]
  return {
    id,
    label:
      run.kind === 'shell'
        ? firstLine(run.line.text)
        : run.kind === 'argv'
          ? argv.join(' ')
          : makeLabel(plan.root, targets),
    platform,
    argv,
    env: {
      ...Object.fromEntries(platform ? platformVariables(plan.root, platform) : []),
      ...Object.fromEntries(Array.from(artifact.env, ([name, text]) => [name, expand(text, scope).text])),
    },
    cwd: plan.root,
    outputs: texts(artifact.outputs).map((path) => resolve(plan.root, path)),
    lock: run.kind === 'make' ? 'make' : undefined,
    at: artifact.at,
  }
}

function makeCommand(
  plan: Plan,
  id: string,
  users: readonly CommandUser[],
  selected: readonly CommandUser[],
): ArtifactCommand {
  const { platform } = users[0]!
  const files = new Set(
    users.flatMap(({ image, scope }) => image.targets.map((target) => expand(target, scope).text)),
  )
  const isIstio = plan.format === 'istio'
  // All of Istio's files come from its init target, the downloaded ones too.
  const targets = [...(isIstio ? new Set(['init', ...files]) : files)].toSorted()
  return {
    id,
    label: makeLabel(plan.root, targets),
    platform,
    argv: ['make', '--no-print-directory', ...targets],
    env: {
      ...(isIstio && istioEnvironment(selected)),
      ...Object.fromEntries(platformVariables(plan.root, platform)),
    },
    cwd: plan.root,
    outputs: [...files].map((path) => resolve(plan.root, path)),
    lock: 'make',
  }
}

/** Istio's Makefile builds all binaries at once unless told not to, which is slower when one image is wanted. */
function istioEnvironment(users: readonly CommandUser[]): Record<string, string> {
  const names = new Set(users.map(({ image }) => image.name))
  names.delete('proxyv2')
  return { BUILD_WITH_CONTAINER: '0', ...(names.size <= 1 && { BUILD_ALL: 'false' }) }
}

/** A script by its first line. */
function firstLine(script: string): string {
  const [first = '', ...rest] = script.trim().split('\n')
  return rest.length === 0 ? first : `${first} …`
}

/** Targets by their last name: whole paths would fill the screen. */
function makeLabel(root: string, targets: readonly string[]): string {
  const names = targets.map((target) =>
    target.startsWith(`${root}/`) ? target.slice(target.lastIndexOf('/') + 1) : target,
  )
  return `make ${names.join(' ')}`
}
