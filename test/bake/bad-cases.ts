/** Bake and compose files with one mistake each. What is said of it is in `test/golden/plans/<name>.txt`. */
import type { BakeCase } from './case.ts'

const hcl = (name: string, text: string, options: Omit<BakeCase, 'name' | 'files'> = {}): BakeCase => ({
  name,
  files: { 'docker-bake.hcl': text },
  ...options,
})
const json = (name: string, text: string): BakeCase => ({ name, files: { 'docker-bake.json': text } })
const compose = (name: string, text: string, files: BakeCase['files'] = {}): BakeCase => ({
  name: `compose-${name}`,
  files: { 'compose.yaml': text, ...files },
})
const argument = (name: string, expression: string): BakeCase =>
  hcl(name, `target "default" {\n  args = {\n    A = ${expression}\n  }\n}\n`)
const sound = 'target "web-app" {\n  tags = ["a"]\n}\ntarget "default" {\n  inherits = ["web-app"]\n}\n'

export const badCases: readonly BakeCase[] = [
  // syntax
  hcl('unclosed-block', 'target "default" {\n  tags = ["a"]\n'),
  hcl('unclosed-list', 'target "default" {\n  tags = ["a"\n}\n'),
  hcl('unclosed-text', 'target "default" {\n  tags = ["a]\n}\n'),
  hcl('unclosed-interpolation', 'target "default" {\n  tags = ["a${b"]\n}\n'),
  hcl('unclosed-heredoc', 'target "default" {\n  dockerfile-inline = <<EOT\nFROM x\n'),
  hcl('unclosed-comment', '/* no end\ntarget "default" {}\n'),
  hcl('unclosed-directive', 'target "default" {\n  tags = ["%{ if true }a"]\n}\n'),
  hcl('two-on-a-line', 'target "default" {\n  tags = ["a"] platforms = ["b"]\n}\n'),
  hcl('no-value', 'target "default" {\n  tags =\n}\n'),
  hcl('single-quotes', 'target "default" {\n  tags = [\'a\']\n}\n'),
  hcl('yaml-style', 'target "default" {\n  tags: ["a"]\n}\n'),
  hcl('quoted-attribute', 'target "default" {\n  "tags" = ["a"]\n}\n'),
  hcl('bad-escape', 'target "default" {\n  tags = ["a\\q"]\n}\n'),
  hcl('attribute-twice', 'target "default" {\n  tags = ["a"]\n  tags = ["b"]\n}\n'),
  hcl('computed-label', 'target "a${1}" {}\n'),
  hcl('too-deep', `target "default" {\n  tags = ${'['.repeat(500)}${']'.repeat(500)}\n}\n`),
  json('json-syntax', '{\n  "target": {\n    "default": { "tags": ["a",] }\n  }\n}\n'),
  json('json-not-a-map', '{ "target": ["a"] }\n'),
  json(
    'json-in-a-template',
    '{\n  "target": { "default": { "tags": ["a:${TAGG}"] } },\n  "variable": { "TAG": {} }\n}\n',
  ),
  // names
  hcl('unknown-variable', 'variable "VERSION" {}\ntarget "default" {\n  tags = ["app:${VERSON}"]\n}\n'),
  hcl('unknown-function', 'target "default" {\n  tags = [uper("a")]\n}\n'),
  hcl('unknown-field', 'target "default" {\n  tag = ["a"]\n  platform = ["b"]\n}\n'),
  hcl('unknown-parent', 'target "base" {}\ntarget "default" {\n  inherits = ["bas"]\n}\n'),
  hcl('unknown-target', sound, { args: ['web-ap'] }),
  hcl('unknown-pattern', sound, { args: ['api-*'] }),
  hcl(
    'unknown-linked-target',
    'target "default" {\n  contexts = { base = "target:bse" }\n}\ntarget "base" {}\n',
  ),
  hcl('unknown-reference', 'target "default" {\n  args = { A = target.base.args.A }\n}\n'),
  hcl(
    'unknown-group-member',
    'group "default" {\n  targets = ["app", "databse"]\n}\ntarget "app" {}\ntarget "database" {}\n',
  ),
  hcl('bad-target-name', 'target "a.b" {}\n'),
  hcl('block-in-target', 'target "default" {\n  args {\n    A = "1"\n  }\n}\n'),
  hcl('group-without-targets', 'group "default" {}\n'),
  // circles
  hcl(
    'inherits-circle',
    'target "a" {\n  inherits = ["b"]\n}\ntarget "b" {\n  inherits = ["c"]\n}\ntarget "c" {\n  inherits = ["a"]\n}\n',
    { args: ['a'] },
  ),
  hcl(
    'link-circle',
    'target "a" {\n  contexts = { x = "target:b" }\n}\ntarget "b" {\n  contexts = { x = "target:a" }\n}\n',
    { args: ['a'] },
  ),
  hcl(
    'variable-circle',
    'variable "A" { default = "${B}" }\nvariable "B" { default = "${A}" }\ntarget "default" { tags = [A] }\n',
  ),
  hcl(
    'function-circle',
    'function "f" {\n  params = [x]\n  result = f(x)\n}\ntarget "default" {\n  tags = [f("a")]\n}\n',
  ),
  hcl('reference-circle', 'target "default" {\n  tags = target.default.tags\n}\n'),
  // values
  hcl('tags-not-a-list', 'target "default" {\n  tags = "a"\n}\n'),
  hcl('args-not-a-map', 'target "default" {\n  args = ["A=1"]\n}\n'),
  hcl('flag-not-a-flag', 'target "default" {\n  pull = "sometimes"\n}\n'),
  hcl('null-in-tags', 'target "default" {\n  tags = ["a", null]\n}\n'),
  hcl('output-without-type', 'target "default" {\n  output = ["dest=x,tar=true"]\n}\n'),
  argument('text-plus-number', '"a" + 1'),
  argument('null-in-text', '"x${null}"'),
  argument('list-in-text', '"x${["a"]}"'),
  argument('division-by-zero', '1 / 0'),
  argument('index-too-large', '["a", "b"][2]'),
  argument('no-such-key', '{ alpha = 1 }.alpa'),
  argument('different-branches', 'true ? ["a"] : "b"'),
  argument('same-key-twice', 'jsonencode({ for x in ["a", "a"] : x => 1 })'),
  argument('function-argument', 'upper(["a"])'),
  argument('too-few-arguments', 'replace("a", "b")'),
  argument('too-many-arguments', 'upper("a", "b")'),
  argument('refused-function', 'bcrypt("a")'),
  argument('bad-format', 'format("%d", "x")'),
  // variables
  hcl(
    'variable-not-a-number',
    'variable "PORT" {\n  type = number\n  default = 80\n}\ntarget "default" {}\n',
    { env: { PORT: 'eighty' } },
  ),
  hcl(
    'default-of-wrong-type',
    'variable "L" {\n  type = list(string)\n  default = "a"\n}\ntarget "default" {}\n',
  ),
  hcl('no-such-type', 'variable "L" {\n  type = strings\n}\ntarget "default" {}\n'),
  hcl('variable-json', 'variable "O" {\n  type = object({ a = string })\n}\ntarget "default" {}\n', {
    env: { O_JSON: '{' },
  }),
  hcl(
    'validation',
    'variable "V" {\n  default = "x"\n  validation {\n    condition = V != "x"\n    error_message = "V must not be x"\n  }\n}\ntarget "default" {}\n',
  ),
  hcl('list-from-environment', 'variable "L" { default = ["a"] }\ntarget "default" {}\n', {
    env: { L: 'b' },
  }),
  // matrices
  hcl('matrix-without-name', 'target "a" {\n  matrix = { v = ["1", "2"] }\n}\n', { args: ['a'] }),
  hcl('name-without-matrix', 'target "a" {\n  name = "b"\n}\n', { args: ['a'] }),
  hcl('matrix-not-a-map', 'target "a" {\n  name = "b"\n  matrix = ["1"]\n}\n', { args: ['a'] }),
  hcl('matrix-bad-name', 'target "a" {\n  name = "a-${v}"\n  matrix = { v = ["1.0"] }\n}\n', { args: ['a'] }),
  // what Slipway does not do
  hcl('remote-context', 'target "default" {\n  context = "https://github.com/docker/buildx.git"\n}\n'),
  hcl('policy', 'target "default" {\n  policy = ["filename=x.rego"]\n}\n'),
  hcl('bad-annotation', 'target "default" {\n  annotations = ["nothing"]\n}\n'),
  hcl('bad-tag', 'target "default" {\n  tags = ["UPPER:1"]\n}\n'),
  hcl('bad-platform', 'target "default" {\n  platforms = ["linux/"]\n}\n'),
  // --set
  ...(
    [
      ['no-key', 'web-app=1'],
      ['unknown-key', 'web-app.platfrom=x'],
      ['unknown-target', 'wep-app.tags=x'],
      ['argument-without-name', '*.args=1'],
      ['part-of-text', '*.target.x=1'],
      ['add-to-text', '*.target+=x'],
      ['no-value', '*.tags'],
      ['not-a-flag', '*.pull=maybe'],
      ['bad-entry', '*.output=dest=x,y=z'],
    ] as const
  ).map(([name, value]) => hcl(`set-${name}`, sound, { args: ['--set', value] })),
  // compose
  compose('unknown-key', 'services:\n  app:\n    build:\n      context: .\n      dockerFile: x\n'),
  compose('build-is-a-list', 'services:\n  app:\n    build: [a]\n'),
  compose('flag', 'services:\n  app:\n    build: { context: ., pull: sometimes }\n'),
  compose('required-variable', 'services:\n  app:\n    build: .\n    image: "app:${TAG:?give it a tag}"\n'),
  compose('no-variable', 'services:\n  app:\n    build: .\n    image: "app:${TAG-"\n'),
  compose('extends-nothing', 'services:\n  app:\n    extends: bse\n  base: { build: . }\n'),
  compose('extends-itself', 'services:\n  a: { extends: b, build: . }\n  b: { extends: a }\n'),
  compose('include-missing', 'include: [other.yaml]\nservices: {}\n'),
  compose('include-twice', 'include: [other.yaml]\nservices:\n  a: { build: . }\n', {
    'other.yaml': 'services:\n  a: { build: . }\n',
  }),
  compose('include-circle', 'include: [other.yaml]\nservices:\n  a: { build: . }\n', {
    'other.yaml': 'include: [compose.yaml]\n',
  }),
  compose(
    'external-secret',
    'services:\n  a: { build: { context: ., secrets: [s] } }\nsecrets:\n  s: { external: true }\n',
  ),
  compose('nothing-to-build', 'services:\n  db: { image: postgres }\n'),
  compose('services-is-a-list', 'services: [a]\n'),
  compose('dotenv', 'services:\n  a: { build: . }\n', { '.env': 'A=1\n=2\n' }),
  compose('x-bake', 'services:\n  a: { build: { context: ., x-bake: { tag: x } } }\n'),
  {
    name: 'compose-merge-of-kinds',
    files: {
      'a.yaml': 'services:\n  a: { build: { context: ., tags: [x] } }\n',
      'b.yaml': 'services:\n  a: { build: { tags: { a: b } } }\n',
    },
    args: ['-f', 'a.yaml', '-f', 'b.yaml'],
  },
]
