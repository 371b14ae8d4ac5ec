/** Lint before a build, remembered: the same Dockerfiles asked for in the same way give the same warnings. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedImage, ResolvedPlan } from '../build/index.ts'
import type { MemoFiles } from '../store/index.ts'

export interface LintOptions {
  readonly command: 'build' | 'bake'
  readonly memos: MemoFiles | undefined
}

/** The plan with what lint has to say. @throws Failure DOCKERFILE_INVALID where a Dockerfile makes findings errors */
export async function withLintWarnings(
  plan: ResolvedPlan,
  { command, memos }: LintOptions,
): Promise<ResolvedPlan> {
  const key =
    memos && hash('sha256', JSON.stringify(['lint', command, process.cwd(), plan.images.map(lintInput)]))
  const known = key === undefined ? undefined : memos?.read(key)
  let messages: string[]
  if (known === undefined) {
    const { lintWarnings } = await import('./check.ts')
    messages = lintWarnings(plan, command)
    if (key !== undefined) memos?.write(key, JSON.stringify(messages))
  } else messages = JSON.parse(known) as string[]
  if (messages.length === 0) return plan
  return { ...plan, warnings: [...plan.warnings, ...messages.map((message) => ({ message }))] }
}

/** Everything lint sees of an image: its Dockerfile, its ignore rules and what they are asked with. */
function lintInput({ name, dockerfile, dockerfileInline, args, target, platforms }: ResolvedImage): unknown {
  return [
    name,
    dockerfile,
    dockerfileInline ?? textOf(dockerfile),
    dockerfileInline === undefined && textOf(`${dockerfile}.dockerignore`),
    args,
    target,
    platforms.map(({ platform, context, contexts }) => [
      platform,
      context,
      context !== undefined && textOf(join(context, '.dockerignore')),
      Object.keys(contexts),
    ]),
  ]
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
