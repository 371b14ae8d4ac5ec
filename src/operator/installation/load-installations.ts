/** Reads files of the operator. Pure: text in, installations out. */
import { Failure, nearest } from '../../base/index.ts'
import { checkSchema, parseYamlDocuments, type PathSegment, type YamlDocument } from '../../yaml/index.ts'
import { apiVersion, facadeKeys, facadeSchema, installationSchema } from './installation-schema.ts'
import { defaultPolicy, type Installation, type Overlay } from './installation.ts'

/** A kind whose `spec` is the values of one package. */
export interface Facade {
  readonly kind: string
  readonly package: string
  /** the version of the package that an empty `spec` means; never changes, as nobody asked for another one */
  readonly version: string
}

const code = 'INSTALLATION_INVALID'

/** @throws Failure INSTALLATION_INVALID, at the place */
export function loadInstallations(text: string, file: string, facades: readonly Facade[]): Installation[] {
  const documents = parseYamlDocuments(text, file, { code })
  if (documents.length === 0)
    throw new Failure(code, `${file} is empty`, {
      hint: `write an object of kind Installation or ${facades.map(({ kind }) => kind).join(', ')}`,
    })
  return documents.map((document) => loadInstallation(document, facades))
}

function loadInstallation(document: YamlDocument, facades: readonly Facade[]): Installation {
  const { value } = document
  const kind = (value as { readonly kind?: unknown } | null)?.kind
  if (kind === 'Installation') return fromInstallation(document)
  const facade = facades.find((one) => one.kind === kind)
  if (facade) return fromFacade(document, facade)
  const kinds = ['Installation', ...facades.map((one) => one.kind)]
  const near = typeof kind === 'string' ? nearest(kind, kinds) : undefined
  throw new Failure(
    code,
    kind === undefined
      ? `${document.file} has no kind`
      : `${JSON.stringify(kind)} is not a kind that can be installed`,
    {
      at: document.placeOf(['kind']),
      hint: near ? `did you mean "${near}"?` : `the kinds of ${apiVersion} are ${kinds.join(', ')}`,
    },
  )
}

function fromInstallation(document: YamlDocument): Installation {
  const { metadata, spec, kind } = checkSchema(document, installationSchema, { code })
  const { prune, deletionPolicy, adopt, takeOver, recreate, deleteProtected, historyLimit } = spec
  const written = (document.value as { spec: { values?: unknown } }).spec.values
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    kind,
    package: { ...spec.package, source: spec.package.source },
    values: below(document, written ?? {}, ['spec', 'values']),
    overlays: spec.overlays.map((overlay, index) => newOverlay(document, overlay, index)),
    policy: { prune, deletionPolicy, adopt, takeOver, recreate, deleteProtected, historyLimit },
    placeOf: (...path) => document.placeOf(path),
  }
}

function fromFacade(document: YamlDocument, facade: Facade): Installation {
  const { metadata, spec } = checkSchema(document, facadeSchema(facade.kind), { code })
  const written = (document.value as { spec?: Readonly<Record<string, unknown>> | null }).spec ?? {}
  const values = Object.fromEntries(
    Object.entries(written).filter(([key]) => !(facadeKeys as readonly string[]).includes(key)),
  )
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    kind: facade.kind,
    package: { name: facade.package, version: spec?.version ?? facade.version, source: undefined },
    values: below(document, values, ['spec']),
    overlays: (spec?.overlays ?? []).map((overlay, index) => newOverlay(document, overlay, index)),
    policy: defaultPolicy,
    placeOf: (...path) => document.placeOf(path),
  }
}

/** A part of a document as a document: places stay those of the file. */
function below(document: YamlDocument, value: unknown, prefix: readonly PathSegment[]): YamlDocument {
  return {
    file: document.file,
    value,
    placeOf: (path, side) => document.placeOf([...prefix, ...path], side),
    tagOf: () => undefined,
  }
}

function newOverlay(
  document: YamlDocument,
  overlay: Pick<Overlay, 'target' | 'type'> & { readonly patch?: unknown },
  index: number,
): Overlay {
  return {
    target: overlay.target,
    type: overlay.type,
    patch: overlay.patch,
    label: `overlays[${index}]`,
    placeOf: (...path) => document.placeOf(['spec', 'overlays', index, ...path]),
  }
}
