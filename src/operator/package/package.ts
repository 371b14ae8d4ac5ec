/** A package: a pure function from values to objects, in one version. Everything else works on what it gives. */
import type { Kind, KubeObject } from '../../kube/index.ts'
import type { Schema } from '../../yaml/index.ts'

export interface PackageInput<Values> {
  /** of the installation; objects are named after it */
  readonly name: string
  readonly namespace: string
  readonly values: Values
}

export interface Package<Values = unknown> {
  readonly name: string
  /** semantic version of the package, which is not that of Slipway */
  readonly version: string
  /** one sentence */
  readonly description: string
  readonly schema: Schema<Values>
  /** JSON Schema of the values, for editors */
  readonly jsonSchema: () => object
  /** values that render, for packages that cannot do without any; default: none are needed */
  readonly example?: object | undefined
  /** every kind that some values make it render: what an installer needs rights for */
  readonly kinds: readonly Kind[]
  /** Same values, same objects: no clock, no randomness, no input. Objects of namespaces need not name theirs. */
  readonly render: (input: PackageInput<Values>) => readonly KubeObject[]
}

/** Packages that can be had by name. */
export interface PackageShelf {
  readonly packages: readonly Package[]
  /** @throws Failure PACKAGE_NOT_FOUND */
  readonly find: (name: string, version: string) => Package
}

/** Lets a package forget the type of its values, which `schema` alone has to know. */
export function asPackage<Values>(typed: Package<Values>): Package {
  return { ...typed, render: (input) => typed.render(input as PackageInput<Values>) }
}
