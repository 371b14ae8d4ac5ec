/** Names of images as Docker's named contexts want them. */
import { formatReference, parseReference } from '../../oci/index.ts'
import type { BuilderContext, BuilderRequest } from './builders/builder.ts'

/** `debian` for `docker.io/library/debian:latest`: the form BuildKit looks a context up by. */
export function familiarName(name: string): string {
  try {
    return formatReference(parseReference(name))
      .replace(/^docker\.io\/(?:library\/)?/, '')
      .replace(/:latest$/, '')
  } catch {
    // the name of a context need not be one of an image
    return name
  }
}

/** Whether a name leads to a registry on this machine. */
export function isLoopback(name: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\//.test(name)
}

/** All names BuildKit is to be told of, in the form it looks them up by. */
export function buildkitContexts({ contexts, pins }: BuilderRequest): [string, BuilderContext][] {
  return [
    ...Array.from(pins, ([name, reference]) => [name, { kind: 'image', reference } as const] as const),
    ...contexts,
  ].map(([name, value]) => [familiarName(name), value])
}
