/**
 * YAML 1.2 documents whose values know their place in the file, and schema issues told at that place.
 * Pure: text in, values and failures out.
 */
export {
  parseYaml,
  parseYamlDocuments,
  withOthers,
  type PathSegment,
  type YamlDocument,
  type YamlOptions,
} from './document.ts'
export { formatYaml } from './format.ts'
export { checkSchema, type Schema, type SchemaIssue } from './schema.ts'
