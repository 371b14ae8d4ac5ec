/** Everything a build saw besides its own request: equal inputs give an equal image. */
import type { Place } from '../../base/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { isCleanFile } from '../racy.ts'
import { exists, observeNames, observeText, timesOf, type Witness } from '../context/observation.ts'

export interface BuildWarning {
  readonly message: string
  readonly at?: Place | undefined
}

export interface BaseInput {
  readonly kind: 'image' | 'target'
  /** reference of an image, or name of a target of the plan */
  readonly name: string
  readonly platform: string
  /** of what its name leads to and of its manifest for the platform */
  readonly digests: string
}

/** Observations by host path; see context/observation.ts. */
export interface SeenInputs {
  readonly nodes: Readonly<Record<string, string>>
  readonly names: Readonly<Record<string, string>>
  readonly texts: Readonly<Record<string, string>>
}

/** What one build looked at, whether it proves anything or not. */
export interface SeenBuild {
  readonly inputs: SeenInputs
  readonly bases: readonly BaseInput[]
}

export interface BuildInputs extends SeenInputs {
  readonly bases: readonly BaseInput[]
  readonly warnings: readonly BuildWarning[]
}

export interface InputRecorder extends Witness {
  readonly base: (name: Omit<BaseInput, 'digests'>, base: BaseImage) => void
  /** everything that was looked at so far */
  readonly seen: () => SeenBuild
  /** What the build depends on cannot be looked at again: a download, a command, another builder. */
  readonly cannotRepeat: () => void
  /**
   * The inputs, or nothing when they prove nothing: one was seen twice in two states, cannot be looked at again, or was
   * written so shortly before that it could change without a trace.
   */
  readonly inputs: () => BuildInputs | undefined
  /** Dockerfiles and ignore files by path, nothing for one that is not there; whatever they prove. */
  readonly texts: () => ReadonlyMap<string, string | undefined>
}

/** More than this is cheaper to evaluate than to remember. */
const mostInputs = 100_000

/**
 * Records a build.
 * @param startedMs milliseconds since the epoch, before the run looked at anything
 */
export function recordInputs(startedMs: number, warn: Witness['warn']): InputRecorder {
  const nodes = new Map<string, string>()
  const names = new Map<string, string>()
  const texts = new Map<string, string>()
  const wholeTexts = new Map<string, string | undefined>()
  const bases = new Map<string, BaseInput>()
  const warnings: BuildWarning[] = []
  let isRepeatable = true
  const note = (notes: Map<string, string>, path: string, observation: string): void => {
    const before = notes.get(path) ?? exists
    // That something is there is part of everything else that can be said of it.
    if (observation === exists && notes.has(path)) return
    if (before !== exists && before !== observation) isRepeatable = false
    notes.set(path, observation)
  }
  const seen = (): SeenInputs => ({
    nodes: Object.fromEntries(nodes),
    names: Object.fromEntries(names),
    texts: Object.fromEntries(texts),
  })
  return {
    warn(message, at) {
      warnings.push({ message, at })
      warn(message, at)
    },
    node: (path, observation) => note(nodes, path, observation),
    names: (path, list) => note(names, path, observeNames(list)),
    text(path, text) {
      wholeTexts.set(path, text)
      note(texts, path, observeText(text))
    },
    base(name, base) {
      const digests = digestsOf(base)
      if (digests === undefined) isRepeatable = false
      bases.set(`${name.kind} ${name.name} ${name.platform}`, { ...name, digests: digests ?? '' })
    },
    seen: () => ({ inputs: seen(), bases: [...bases.values()] }),
    texts: () => wholeTexts,
    cannotRepeat: () => void (isRepeatable = false),
    inputs() {
      if (!isRepeatable || nodes.size + names.size > mostInputs) return undefined
      for (const [path, observation] of nodes) {
        if (observation.startsWith('o ')) return undefined
        const times = timesOf(observation)
        if (times && !isCleanFile({ ...times, path }, startedMs)) return undefined
      }
      return { ...seen(), bases: [...bases.values()], warnings }
    },
  }
}

/** What tells one state of a base from another; nothing for one that has no digest. */
export function digestsOf({ digest, manifestDigest }: BaseImage): string | undefined {
  return manifestDigest === undefined ? undefined : `${digest ?? ''} ${manifestDigest}`
}
