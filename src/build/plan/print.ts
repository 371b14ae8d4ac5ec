/** A resolved plan as plain data for `bake --print`: stable order, paths relative to the project root. */
import { isAbsolute, relative } from 'node:path'
import { formatPlatform } from '../../oci/index.ts'
import type { ArtifactCommand, ResolvedImage, ResolvedPlan, ResolvedPlatform } from './model.ts'

/** Ready for JSON.stringify; what is empty or absent is left out. */
export function printPlan(plan: ResolvedPlan): Record<string, unknown> {
  const path = (absolute: string) => relative(plan.root, absolute) || '.'
  return {
    plan: plan.file,
    commands: plan.commands.map((command) => printCommand(command, path)),
    images: plan.images.map((image) => printImage(image, path)),
  }
}

type ShowPath = (absolute: string) => string

function printCommand(command: ArtifactCommand, path: ShowPath): Record<string, unknown> {
  return compact({
    id: command.id,
    platform: command.platform && formatPlatform(command.platform),
    argv: command.argv,
    env: command.env,
    outputs: command.outputs.map(path),
  })
}

function printImage(image: ResolvedImage, path: ShowPath): Record<string, unknown> {
  return compact({
    name: image.name,
    variant: image.variant,
    tags: image.tags,
    base: image.base || undefined,
    dockerfile: image.dockerfileInline === undefined ? path(image.dockerfile) : undefined,
    dockerfileInline: image.dockerfileInline,
    target: image.target,
    delegate: image.delegate,
    args: image.args,
    labels: image.labels,
    annotations: image.annotations,
    capabilities: image.capabilities,
    sbom: image.attest?.sbom,
    provenance: image.attest?.provenance && compact({ ...image.attest.provenance }),
    outputs: image.outputs?.map(({ text }) => text),
    platforms: image.platforms.map((platform) => printPlatform(platform, path)),
  })
}

function printPlatform(platform: ResolvedPlatform, path: ShowPath): Record<string, unknown> {
  return compact({
    platform: formatPlatform(platform.platform),
    context: platform.context && path(platform.context),
    contexts: Object.fromEntries(
      Object.entries(platform.contexts).map(([name, source]) => [
        name,
        isAbsolute(source) ? path(source) : source,
      ]),
    ),
    files: Object.fromEntries((platform.files ?? []).map(({ name, source }) => [name, path(source)])),
    needs: platform.needs.map(({ id }) => id),
  })
}

function compact(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  )
}
