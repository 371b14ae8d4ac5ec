/** Which builder takes a stage: the one asked for, or the first that answers. */
import { Failure } from '../../base/index.ts'
import { detectBuildah } from './builders/buildah.ts'
import { detectBuildctl } from './builders/buildctl.ts'
import { detectBuildx } from './builders/buildx.ts'
import type { Builder, DetectOptions, Detected } from './builders/builder.ts'
import { detectDocker } from './builders/docker.ts'
import { builderNames, type BuilderName, type DelegateChoice } from './choice.ts'

export type Detectors = Readonly<Record<BuilderName, (options: DetectOptions) => Promise<Detected>>>

const detectors: Detectors = {
  buildctl: detectBuildctl,
  buildx: detectBuildx,
  docker: detectDocker,
  buildah: detectBuildah,
}

const commands: Readonly<Record<BuilderName, string>> = {
  buildctl: 'buildctl',
  buildx: 'docker buildx',
  docker: 'docker build',
  buildah: 'buildah',
}

/** @throws Failure BUILDER_NOT_FOUND that says of each builder why it cannot be used */
export async function findBuilder(
  choice: DelegateChoice,
  options: DetectOptions,
  detect: Detectors = detectors,
): Promise<Builder> {
  const names = choice === 'auto' ? builderNames : [choice]
  const reasons: string[] = []
  for (const name of names) {
    const found = await detect[name](options)
    if ('build' in found) return found
    reasons.push(`${commands[name]} ${found.missing}`)
  }
  throw new Failure('BUILDER_NOT_FOUND', `RUN needs a builder, and none can be used: ${reasons.join('; ')}`, {
    hint:
      choice === 'auto'
        ? 'install buildah, or start buildkitd and set BUILDKIT_HOST, or start Docker'
        : 'name another builder, or leave the choice open: --delegate=auto',
  })
}
