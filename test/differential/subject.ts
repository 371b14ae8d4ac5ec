/** Slipway in this process, wired as the command line wires it. */
import { join } from 'node:path'
import { Failure, newTally } from '../../src/base/index.ts'
import {
  bake,
  layoutDestination,
  newAddSources,
  newLayerBuilder,
  registryBase,
} from '../../src/build/index.ts'
import { singleImagePlan } from '../../src/cli/single-image.ts'
import { createHashPool } from '../../src/layer/index.ts'
import { parsePlatform } from '../../src/oci/index.ts'
import { openRegistry } from '../../src/registry/index.ts'
import { memoryLayerLog } from '../../src/store/index.ts'
import { defaultPlatform } from './case.ts'
import { imageReport } from './image-report.ts'
import type { Outcome } from './outcome.ts'
import { basesHost, type PreparedCase, type Workspace } from './workspace.ts'

export interface Subject extends AsyncDisposable {
  readonly build: (prepared: PreparedCase) => Promise<Outcome & { readonly warnings: readonly string[] }>
}

export function openSubject(workspace: Pick<Workspace, 'registry' | 'path'>): Subject {
  const tally = newTally()
  const registry = openRegistry(workspace.registry, { tally })
  const pool = createHashPool()
  const log = memoryLayerLog()
  return {
    async build(prepared) {
      const warnings: string[] = []
      const emit: Parameters<typeof bake>[1]['emit'] = (event) => {
        if (event.kind === 'warning') warnings.push(event.message)
      }
      const output = join(prepared.folder, 'subject')
      try {
        await bake(planOf(prepared), {
          destinations: [await layoutDestination(output, { tally, emit })],
          packer: { pack: async (image) => image },
          layers: newLayerBuilder({ log, pool, tally }),
          resolveBase: (reference, platform) =>
            registryBase(
              reference.registry === basesHost ? { ...reference, registry: workspace.registry } : reference,
              platform,
              { registry: () => registry, cache: join(workspace.path, 'cache') },
            ),
          cache: join(workspace.path, 'cache'),
          addSources: newAddSources({ cache: join(workspace.path, 'cache') }),
          emit,
          tally,
          controller: new AbortController(),
          buildPlatform: parsePlatform(defaultPlatform),
        })
      } catch (error) {
        // Anything else is a crash, not a refusal.
        if (!(error instanceof Failure)) throw error
        return { error: `${error.code}: ${error.message}`, warnings }
      }
      return { lines: await imageReport(output), warnings }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.close(), registry.close()])
    },
  }
}

function planOf({ item, context, dockerfile, args, contexts, folder }: PreparedCase) {
  const pairs = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([name, value]) => `${name}=${value}`)
  return singleImagePlan(
    context,
    {
      file: dockerfile,
      platform: [item.platform ?? defaultPlatform],
      buildArg: pairs(args),
      buildContext: pairs(contexts),
      label: pairs(item.labels ?? {}),
      ...(item.target !== undefined && { target: item.target }),
      progress: 'quiet',
      format: 'text',
      cache: false,
    },
    { directory: folder, env: {} },
  )
}
