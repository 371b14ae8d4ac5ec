/** A package that is data: `package.yaml` with its schema, and manifests with expressions. Nothing of it is executed. */
import * as z from 'zod/mini'
import { Failure } from '../../base/index.ts'
import { groupKind, type Kind, type KubeObject } from '../../kube/index.ts'
import { checkSchema, parseYaml, parseYamlDocuments, type YamlDocument } from '../../yaml/index.ts'
import type { Package } from '../package/package.ts'
import { compileExpression, compileTemplate, type Variables } from './expressions.ts'
import { readValuesSchema } from './values-schema.ts'

/** A file of a package; the path is relative to its folder, with `/`. */
export interface PackageFile {
  readonly path: string
  readonly text: string
}

export const packageFile = 'package.yaml'
/** An annotation of manifests: the object is rendered if it is true. Not part of what is rendered. */
export const whenAnnotation = 'slipway.dev/when'

const code = 'PACKAGE_INVALID'

const packageSchema = z.strictObject({
  apiVersion: z.literal('slipway.dev/v1alpha1'),
  kind: z.literal('Package'),
  metadata: z.strictObject({
    name: z.string().check(z.regex(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/, 'is not a name')),
  }),
  spec: z.strictObject({
    version: z
      .string()
      .check(z.regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'is not a version such as 1.2.0')),
    description: z._default(z.string(), ''),
    schema: z.optional(z.record(z.string(), z.unknown())),
    example: z.optional(z.record(z.string(), z.unknown())),
  }),
})

/** @throws Failure PACKAGE_INVALID, at the place in the package */
export function readPackage(files: readonly PackageFile[], source: string): Package {
  const named = (path: string) => `${source}/${path}`
  const own = files.find(({ path }) => path === packageFile)
  if (!own) throw new Failure(code, `there is no ${packageFile} in ${source}`)
  const document = parseYaml(own.text, named(packageFile), { code })
  const { metadata, spec } = checkSchema(document, packageSchema, { code })
  const { schema, json } = readValuesSchema(document, ['spec', 'schema'])
  const identity = { name: metadata.name, version: spec.version }
  const manifests = files
    .filter(({ path }) => /^manifests\/.*\.ya?ml$/.test(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(({ path, text }) => parseYamlDocuments(text, named(path), { code }).map(readManifest))
  if (manifests.length === 0)
    throw new Failure(code, `${source} has no manifests`, { hint: 'put them into the folder manifests' })
  const kinds = new Map(manifests.map(({ kind }) => [groupKind(kind), kind]))
  return {
    ...identity,
    description: spec.description,
    schema,
    jsonSchema: () => json,
    example: spec.example,
    kinds: [...kinds.values()],
    render: ({ name, namespace, values }) => {
      const { name: packageName, version } = identity
      const variables: Variables = {
        installation: { name, namespace, package: packageName, version },
        values,
      }
      return manifests.flatMap(({ render }) => render(variables) ?? [])
    },
  }
}

interface Manifest {
  readonly kind: Kind
  /** nothing for one that is not wanted */
  readonly render: (variables: Variables) => KubeObject | undefined
}

const manifestSchema = z.looseObject({
  apiVersion: z.string().check(z.regex(/^[^$]+$/, 'must not be an expression')),
  kind: z.string().check(z.regex(/^[^$]+$/, 'must not be an expression')),
  metadata: z.looseObject({
    name: z.string(),
    annotations: z.optional(z.record(z.string(), z.string())),
  }),
})

function readManifest(document: YamlDocument): Manifest {
  const { apiVersion, kind, metadata } = checkSchema(document, manifestSchema, { code })
  const { [whenAnnotation]: when, ...annotations } = metadata.annotations ?? {}
  const at = document.placeOf(['metadata', 'annotations', whenAnnotation])
  const isWanted =
    when === undefined ? () => true : compileExpression(when.replace(/^\$\{([^]*)\}$/, '$1'), at)
  const value = document.value as KubeObject
  const { annotations: _all, ...rest } = value.metadata
  const kept = Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest
  const template = compileTemplate({ ...value, metadata: kept }, (path) => document.placeOf(path))
  return {
    kind: { apiVersion, kind },
    render(variables) {
      const wanted = isWanted(variables)
      if (typeof wanted !== 'boolean')
        throw new Failure(code, `${whenAnnotation} must be true or false, not ${JSON.stringify(wanted)}`, {
          at,
        })
      return wanted ? (template(variables) as KubeObject) : undefined
    },
  }
}
