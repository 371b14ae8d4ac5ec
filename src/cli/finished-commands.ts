/** Artifact commands of a process that watches: each runs once, and again only when the plan says another thing of it. */
import type { ResolvedImage, ResolvedPlan } from '../build/index.ts'

type Command = ResolvedPlan['commands'][number]

export interface FinishedCommands {
  /** The plan without the commands that have run, and ready to learn which of the others do. */
  readonly toRun: (plan: ResolvedPlan) => ResolvedPlan
  readonly finished: (id: string) => void
}

export function newFinishedCommands(): FinishedCommands {
  const done = new Set<string>()
  let planned: readonly Command[] = []
  const isOpen = (command: Command): boolean => !done.has(keyOf(command))
  const open = (image: ResolvedImage): ResolvedImage => ({
    ...image,
    platforms: image.platforms.map((target) => ({ ...target, needs: target.needs.filter(isOpen) })),
  })
  return {
    toRun(plan) {
      planned = plan.commands
      if (planned.length === 0) return plan
      const images = new Map(plan.images.map((image) => [image, open(image)]))
      return {
        ...plan,
        commands: planned.filter(isOpen),
        images: [...images.values()],
        resolveImage(target) {
          const image = plan.resolveImage(target)
          return images.get(image) ?? open(image)
        },
      }
    },
    finished(id) {
      const command = planned.find((each) => each.id === id)
      if (command) done.add(keyOf(command))
    },
  }
}

function keyOf({ id, argv, env }: Command): string {
  return JSON.stringify([id, argv, env])
}
