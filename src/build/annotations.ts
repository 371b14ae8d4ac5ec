/**
 * Annotations by where they go, as buildx writes them: `manifest:`, `index:`, `manifest-descriptor:` before the key,
 * several separated by commas, each with an optional `[platform]`; without a prefix they go to the manifests.
 */
import { Failure, nearest } from '../base/index.ts'
import { parsePlatform, samePlatform, type Platform } from '../oci/index.ts'

const levels = ['manifest', 'index', 'manifest-descriptor'] as const
export type AnnotationLevel = (typeof levels)[number]

export interface Annotations {
  /** those of one level; for manifests and their descriptors, of one platform */
  at(level: AnnotationLevel, platform?: Platform): Readonly<Record<string, string>>
}

interface Annotation {
  readonly level: AnnotationLevel
  readonly platform: Platform | undefined
  readonly key: string
  readonly value: string
}

// Targets are separated by exactly one comma, so that a long key without a prefix is refused in linear time.
const prefixed = /^([a-z-]+(?:\[[^\]]*\])?(?:,[a-z-]+(?:\[[^\]]*\])?)*):(.+)$/

/** @throws Failure USAGE for a prefix or platform that does not exist */
export function readAnnotations(texts: Readonly<Record<string, string>>): Annotations {
  const annotations = Object.entries(texts).flatMap(([text, value]) => readAnnotation(text, value))
  return {
    at(level, platform) {
      const matching = annotations.filter(
        (annotation) =>
          annotation.level === level &&
          (annotation.platform === undefined ||
            (platform !== undefined && samePlatform(annotation.platform, platform))),
      )
      return Object.fromEntries(matching.map(({ key, value }) => [key, value]))
    },
  }
}

function readAnnotation(text: string, value: string): Annotation[] {
  const match = prefixed.exec(text)
  if (!match) return [{ level: 'manifest', platform: undefined, key: text, value }]
  return match[1]!.split(',').map((target) => {
    const [, name = '', platform] = /^([a-z-]+)(?:\[(.*)\])?$/.exec(target) ?? []
    const level = levels.find((candidate) => candidate === name)
    if (level === undefined) throw unknownLevel(text, name)
    return {
      level,
      platform: platform === undefined ? undefined : parsePlatform(platform),
      key: match[2]!,
      value,
    }
  })
}

function unknownLevel(text: string, name: string): Failure {
  const suggestion = nearest(name, levels)
  return new Failure('USAGE', `the annotation "${text}" is for "${name}", which is no place for one`, {
    hint: suggestion === undefined ? `it is one of ${levels.join(', ')}` : `did you mean ${suggestion}?`,
  })
}
