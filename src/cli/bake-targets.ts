/** What flags of `bake` mean for the targets of bake and compose files. */
import { Failure } from '../base/index.ts'
import type { ResolvedPlan } from '../build/index.ts'

interface NameFlags {
  readonly hub?: readonly string[]
  readonly tag?: readonly string[]
  readonly variant?: readonly string[]
}

/** Names of targets are written in full, so that hubs and tags have nothing to be put together with. */
export function checkBakeFlags(flags: NameFlags): void {
  const flag = (['hub', 'tag', 'variant'] as const).find((name) => flags[name] !== undefined)
  if (flag === undefined) return
  throw new Failure('USAGE', `--${flag} means nothing for bake and compose files`, {
    hint:
      flag === 'variant'
        ? 'variants are targets there'
        : 'give names in full: --set "app.tags=registry/app:1"',
  })
}

/** Whether the targets are there to be checked. @throws Failure PLAN_SELECTION when only some are, or for another call */
export function isCheck({ images }: ResolvedPlan): boolean {
  const other = images.find(({ call = 'build' }) => call !== 'build' && call !== 'check')
  if (other)
    throw new Failure(
      'PLAN_SELECTION',
      `the target "${other.name}" has call = "${other.call}", which Slipway cannot do`,
      {
        at: other.at,
        hint: `build it with --set ${other.name}.call=build, or check it with --check`,
      },
    )
  const checked = images.filter(({ call }) => call === 'check')
  if (checked.length > 0 && checked.length < images.length)
    throw new Failure(
      'PLAN_SELECTION',
      `the target "${checked[0]!.name}" is only to be checked, others are to be built`,
      {
        at: checked[0]!.at,
        hint: 'name the targets of one kind',
      },
    )
  return checked.length > 0
}
