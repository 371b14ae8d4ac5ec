/** A set of bake or compose files and how it is asked for. What buildx makes of it is in `golden/<name>.json`. */
export interface BakeCase {
  readonly name: string
  /** by path, besides an empty file `f`; those that buildx looks for are found without `-f` */
  readonly files: Readonly<Record<string, string>>
  /** arguments of `bake` before `--print` */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** One bake file. */
export function hcl(name: string, text: string, options: Omit<BakeCase, 'name' | 'files'> = {}): BakeCase {
  return { name, files: { 'docker-bake.hcl': text }, ...options }
}

/** Expressions as arguments of one target, by name. */
export function expressions(name: string, values: Readonly<Record<string, string>>, before = ''): BakeCase {
  const lines = Object.entries(values).map(([key, expression]) => `    ${key} = ${expression}`)
  return hcl(name, `${before}\ntarget "default" {\n  args = {\n${lines.join('\n')}\n  }\n}\n`)
}
