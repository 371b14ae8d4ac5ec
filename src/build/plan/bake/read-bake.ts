/** Bake files as targets and groups. Which syntax a file has says its name, else its content. */
import { homedir } from 'node:os'
import { Failure } from '../../../base/index.ts'
import { parseHcl, parseHclJson, standardFunctions, type BlockShape, type Body } from '../../../hcl/index.ts'
import { formatPlatform, hostPlatform } from '../../../oci/index.ts'
import type { PlanFileText } from '../file-texts.ts'
import type { PlanWarning } from '../model.ts'
import { evaluateBake, type EvaluatedBake } from './evaluator.ts'
import type { LookUp } from './variables.ts'

const shape: BlockShape = {
  variable: { labels: 1, blocks: { validation: { labels: 0 } } },
  function: { labels: 1 },
  group: { labels: 1 },
  target: { labels: 1 },
}

/** All bake files in order, as one. @throws Failure PLAN_INVALID */
export function readBake(
  files: readonly PlanFileText[],
  { lookUp, warn }: { readonly lookUp: LookUp; readonly warn: (warning: PlanWarning) => void },
): EvaluatedBake {
  return evaluateBake(
    files.map(({ file, text }) => parseBakeFile(text, file)),
    {
      lookUp,
      builtIns: new Map([
        ['BAKE_CMD_CONTEXT', 'cwd://'],
        ['BAKE_LOCAL_PLATFORM', formatPlatform(hostPlatform())],
      ]),
      functions: standardFunctions({ now: Date.now, home: homedir() }),
      warn,
    },
  )
}

export function parseBakeFile(text: string, file: string): Body {
  if (file.endsWith('.json')) return parseHclJson(text, file, shape)
  if (file.endsWith('.hcl')) return parseHcl(text, file)
  try {
    return parseHcl(text, file)
  } catch (error) {
    if (!(error instanceof Failure) || !text.trimStart().startsWith('{')) throw error
    return parseHclJson(text, file, shape)
  }
}
