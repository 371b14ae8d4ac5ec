import { stringify } from 'yaml'

/**
 * A value as one YAML document that readers of YAML 1.1 understand as well, as those of Kubernetes are: `yes`, `0o7` and
 * `1:30` keep their quotes. Ends with a line feed; keys stay in their order, lines are never folded.
 */
export function formatYaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
}
