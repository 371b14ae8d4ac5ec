/** The rules of image-spec for index, manifest and config as JSON Schemas of our own, for documents we produce. */
import { Ajv } from 'ajv'

const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }
const strings = { type: 'array', items: { type: 'string' } }
const textMap = { type: 'object', additionalProperties: { type: 'string' } }
const emptyMap = {
  type: 'object',
  additionalProperties: { type: 'object', maxProperties: 0 },
}
const platform = {
  type: 'object',
  required: ['os', 'architecture'],
  properties: { os: { type: 'string' }, architecture: { type: 'string' }, variant: { type: 'string' } },
}

const descriptor = (mediaType: string, more: Record<string, unknown> = {}, required: string[] = []) => ({
  type: 'object',
  required: ['mediaType', 'digest', 'size', ...required],
  properties: {
    mediaType: { const: mediaType },
    digest,
    size: { type: 'integer', minimum: 1 },
    annotations: textMap,
    ...more,
  },
  additionalProperties: false,
})

const types = 'application/vnd.oci.image.'
const schemas = {
  index: {
    type: 'object',
    required: ['schemaVersion', 'mediaType', 'manifests'],
    properties: {
      schemaVersion: { const: 2 },
      mediaType: { const: `${types}index.v1+json` },
      manifests: {
        type: 'array',
        minItems: 1,
        items: descriptor(`${types}manifest.v1+json`, { platform }, ['platform']),
      },
      annotations: textMap,
    },
    additionalProperties: false,
  },
  manifest: {
    type: 'object',
    required: ['schemaVersion', 'mediaType', 'config', 'layers'],
    properties: {
      schemaVersion: { const: 2 },
      mediaType: { const: `${types}manifest.v1+json` },
      config: descriptor(`${types}config.v1+json`),
      layers: { type: 'array', minItems: 1, items: descriptor(`${types}layer.v1.tar`) },
      annotations: textMap,
    },
    additionalProperties: false,
  },
  config: {
    type: 'object',
    required: ['architecture', 'os', 'rootfs'],
    properties: {
      created: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
      author: { type: 'string' },
      architecture: { enum: ['amd64', 'arm64'] },
      os: { const: 'linux' },
      variant: { type: 'string' },
      config: {
        type: 'object',
        properties: {
          User: { type: 'string' },
          ExposedPorts: { ...emptyMap, propertyNames: { pattern: '^\\d+(/(tcp|udp))?$' } },
          Env: { type: 'array', items: { type: 'string', pattern: '^[^=]+=' } },
          Entrypoint: strings,
          Cmd: strings,
          ArgsEscaped: { const: true },
          Volumes: emptyMap,
          WorkingDir: { type: 'string', pattern: '^/' },
          Labels: textMap,
          StopSignal: { type: 'string', pattern: '^SIG' },
        },
        additionalProperties: false,
      },
      rootfs: {
        type: 'object',
        required: ['type', 'diff_ids'],
        properties: { type: { const: 'layers' }, diff_ids: { type: 'array', items: digest } },
        additionalProperties: false,
      },
      history: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            created: { type: 'string' },
            created_by: { type: 'string' },
            comment: { type: 'string' },
            author: { type: 'string' },
            empty_layer: { type: 'boolean' },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
}

const ajv = new Ajv({ allErrors: true })

/** What is wrong with a document, one line each; nothing when it is as it should be. */
export function ociProblems(kind: keyof typeof schemas, document: unknown): string[] {
  ajv.validate(schemas[kind], document)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${kind}${instancePath} ${message}`)
}
