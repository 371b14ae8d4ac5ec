/**
 * Builds of earlier runs. A build whose request and inputs are as they were is not evaluated: its manifest and config
 * are taken as they were, and its layers are made only if a destination lacks one (docs/adr/0012-remembered-builds.md).
 */
import { hash } from 'node:crypto'
import {
  readContent,
  formatPlatform,
  type Blob,
  type Descriptor,
  type Digest,
  type Platform,
} from '../../oci/index.ts'
import type { Material } from '../attest/provenance/material.ts'
import type { BuiltLayer } from '../layers.ts'
import type { ResolvedImage, ResolvedPlatform } from '../plan/model.ts'
import type { BuildInputs } from './inputs.ts'

/** Texts by key on disk; both never fail. */
export interface MemoStore {
  readonly read: (key: string) => string | undefined
  readonly write: (key: string, text: string) => void
}

export interface RememberedBuild {
  readonly inputs: BuildInputs
  /** JSON, byte for byte */
  readonly config: string
  readonly manifest: string
  readonly layers: readonly RememberedLayer[]
  readonly materials: readonly Material[]
}

export interface RememberedLayer {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  /** part of a base image, which says where it is */
  readonly isBase: boolean
}

/** Part of every key: raise it when the same request and inputs give another image than before. */
const format = 'slipway build 1'

export interface BuildRequest {
  readonly image: ResolvedImage
  readonly target: ResolvedPlatform
  readonly buildPlatform: Platform
  /** seconds since the epoch */
  readonly mtime: number
}

/** Names a build by everything that its result depends on but what it looks at: sha256 in hex. */
export function buildKey({ image, target, buildPlatform, mtime }: BuildRequest): string {
  const { name, dockerfile, dockerfileInline, target: stage, args, ownArgs, labels, annotations } = image
  const files = target.files?.map((file) => [file.name, file.alias, file.source])
  const parts = [
    [format, name, dockerfile, dockerfileInline, stage, args, ownArgs, labels, annotations],
    [image.capabilities, image.delegate, image.commandFields],
    [formatPlatform(target.platform), target.context, target.contexts, files],
    [formatPlatform(buildPlatform), mtime],
  ]
  return hash('sha256', JSON.stringify(parts))
}

export function readMemo(store: MemoStore, key: string): RememberedBuild | undefined {
  const text = store.read(key)
  return text === undefined ? undefined : (JSON.parse(text) as RememberedBuild)
}

export interface FinishedBuild {
  readonly inputs: BuildInputs
  readonly config: Blob
  readonly manifest: Blob
  readonly layers: readonly BuiltLayer[]
  readonly materials: readonly Material[]
}

export async function writeMemo(store: MemoStore, key: string, build: FinishedBuild): Promise<void> {
  const remembered: RememberedBuild = {
    inputs: build.inputs,
    config: await textOf(build.config),
    manifest: await textOf(build.manifest),
    layers: build.layers.map(({ blob, diffId, state }) => ({
      descriptor: blob.descriptor,
      diffId,
      isBase: state === 'base',
    })),
    materials: build.materials,
  }
  store.write(key, JSON.stringify(remembered))
}

async function textOf({ open }: Blob): Promise<string> {
  return (await readContent(open)).toString('utf8')
}
