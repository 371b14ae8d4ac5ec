/** Where each image of a run goes: what the command line asks for, else what the plan says of the image. */
import type { ResolvedImage, ResolvedPlan } from '../build/index.ts'
import { parseOutput } from './output-fields.ts'
import type { Output } from './output.ts'
import {
  checkCompression,
  checkOutputs,
  checkPaths,
  packedOutputs,
  parseOutputs,
  type OutputFlags,
} from './outputs.ts'

export interface ImageOutputs {
  /** each place once */
  readonly all: readonly Output[]
  /** some of `all` */
  readonly of: (image: ResolvedImage) => readonly Output[]
}

/**
 * As buildx has it: `-o` replaces what the plan says of an image, `--push` and `--load` add to it where it makes an image.
 * @throws Failure USAGE
 */
export function imageOutputs(plan: ResolvedPlan, flags: OutputFlags, directory: string): ImageOutputs {
  const places = new Map<string, Output>()
  const share = (output: Output): Output => {
    const key = JSON.stringify(output)
    const known = places.get(key) ?? output
    places.set(key, known)
    return known
  }
  const byImage = new Map(
    plan.images.map((image) => {
      const own = ownOutputs(image, flags, directory)
      const outputs = own.length > 0 ? packedOutputs(own, flags) : parseOutputs(flags, directory, plan.root)
      return [image.name + (image.variant ?? ''), [...new Set(outputs.map(share))]] as const
    }),
  )
  const all = [...places.values()]
  const of = (image: ResolvedImage): readonly Output[] =>
    byImage.get(image.name + (image.variant ?? '')) ?? all
  checkPaths(all)
  checkCompression(all, flags)
  for (const output of all)
    checkOutputs([output], { images: plan.images.filter((image) => of(image).includes(output)) })
  return { all, of }
}

/** Nothing for an image that goes where the run goes. */
function ownOutputs({ outputs }: ResolvedImage, flags: OutputFlags, directory: string): Output[] {
  if (!outputs || outputs.length === 0 || (flags.output ?? []).length > 0) return []
  const texts = outputs.map(({ text }) => text)
  const isImage = (text: string): boolean =>
    typeOf(text) === 'image' && !/(?:^|,)push=(?:1|t|true)(?:,|$)/i.test(text)
  // An image that is pushed nowhere stays in the store of the builder, which here is the layout of the project.
  const kept = texts.filter((text) => !isImage(text)).map((text) => parseOutput(text, directory))
  const isStored = texts.some(isImage)
  const isPushed = flags.push === true && (isStored || texts.every((text) => typeOf(text) === 'docker'))
  const isLoaded = texts.every((text) => ['image', 'registry', 'oci', 'docker'].includes(typeOf(text)))
  const added = {
    push: isPushed,
    load: isLoaded ? flags.load : undefined,
    save: flags.save,
    serve: flags.serve,
    pin: flags.pin,
    store: flags.store,
  }
  const isAdded =
    isPushed || (added.load ?? []).length > 0 || (flags.save ?? []).length > 0 || flags.serve !== undefined
  if (!isAdded && !isStored) return kept
  return [...kept, ...parseOutputs(added, directory, directory)]
}

function typeOf(text: string): string {
  return /(?:^|,)type=([^,]*)/.exec(text)?.[1] ?? 'local'
}
