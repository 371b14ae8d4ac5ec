/** The files of the operator: `Installation`, and thin facades whose `spec` is the values of one package. */
import * as z from 'zod/mini'

export const apiVersion = 'slipway.dev/v1alpha1'

const strings = z.record(z.string(), z.string())
const dnsLabel = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/

/** Long enough for what packages put behind it. */
const longestName = 45

const nameSchema = z.string().check(
  z.refine((text) => dnsLabel.test(text) && text.length <= longestName, {
    error: `is not a name: write at most ${longestName} small letters, digits and -, beginning and ending with one of the former`,
  }),
)

const metadataSchema = z.strictObject({
  name: nameSchema,
  namespace: z.optional(z.string().check(z.regex(dnsLabel, 'is not the name of a namespace'))),
  labels: z.optional(strings),
  annotations: z.optional(strings),
})

const targetFields = {
  kind: z.string().check(z.minLength(1)),
  group: z.optional(z.string()),
  name: z.optional(z.string()),
  labels: z.optional(strings),
}
const targetSchema = z.strictObject(targetFields)
const targets = z._default(z.array(targetSchema), [])

const overlaySchema = z.strictObject({
  target: targetSchema,
  type: z._default(z.enum(['merge', 'json', 'replace']), 'merge'),
  patch: z.unknown(),
})
const overlays = z._default(z.array(overlaySchema), [])

const packageSchema = z.strictObject({
  name: z.string().check(z.minLength(1)),
  // An unquoted 1.10 would be 1.1.
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'is not a version such as 1.2.0')),
  source: z.optional(z.string()),
})

export const installationSchema = z.strictObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('Installation'),
  metadata: metadataSchema,
  spec: z.strictObject({
    package: packageSchema,
    values: z.optional(z.unknown()),
    overlays,
    prune: z._default(z.boolean(), true),
    deletionPolicy: z._default(z.enum(['delete', 'orphan']), 'delete'),
    adopt: targets,
    takeOver: z._default(
      z.array(
        z.strictObject({ ...targetFields, fields: z.optional(z.array(z.string()).check(z.minLength(1))) }),
      ),
      [],
    ),
    recreate: targets,
    deleteProtected: targets,
    historyLimit: z._default(z.int().check(z.gte(1), z.lte(100)), 10),
  }),
})

/** What every facade has besides the values of its package. */
export const facadeKeys = ['version', 'overlays'] as const

export function facadeSchema(kind: string) {
  return z.strictObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(kind),
    metadata: metadataSchema,
    spec: z.optional(
      z.nullable(z.looseObject({ version: z.optional(packageSchema.shape.version), overlays })),
    ),
  })
}
