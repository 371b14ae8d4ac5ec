/** Artifact commands of one run: each once, two that must not overlap one after the other. */
import { availableParallelism } from 'node:os'
import { all, limit, once, type Waiting } from '../base/index.ts'
import { runArtifactCommand } from './artifacts.ts'
import type { Emit } from './events.ts'
import type { ArtifactCommand } from './plan/model.ts'

export interface ArtifactRuns {
  /** Starts the commands that have not been started and returns when all are done. @throws Failure ARTIFACT_COMMAND */
  ready(commands: readonly ArtifactCommand[]): Promise<void>
}

export interface ArtifactRunOptions extends Waiting {
  readonly emit: Emit
  /** trust what is there (`--skip-artifacts`) */
  readonly skip: boolean
}

export function newArtifactRuns({ emit, skip, signal }: ArtifactRunOptions): ArtifactRuns {
  const slot = limit(availableParallelism())
  const locks = new Map<string, ReturnType<typeof limit>>()
  const share = once<string, void>()
  const lockOf = (command: ArtifactCommand) => {
    if (command.lock === undefined) return async <T>(work: () => Promise<T>) => work()
    const lock = locks.get(command.lock) ?? limit(1)
    locks.set(command.lock, lock)
    return lock
  }
  const run = async (command: ArtifactCommand): Promise<void> => {
    const { id, label } = command
    const started = performance.now()
    emit({ kind: 'command-started', id, label })
    await runArtifactCommand(command, {
      signal,
      onOutput: (text) => emit({ kind: 'command-output', id, text }),
    })
    emit({ kind: 'command-finished', id, seconds: (performance.now() - started) / 1000 })
  }
  return {
    async ready(commands) {
      if (skip) return
      await all(commands, (command) =>
        share(command.id, () => lockOf(command)(() => slot(() => run(command)))),
      )
    },
  }
}
