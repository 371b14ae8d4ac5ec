/** Targets: fields, inheritance, groups, matrices, references. */
import { hcl, type BakeCase } from './case.ts'

const everyField = `target "default" {
  description = "all of them"
  annotations = ["index:a=b", "c=d"]
  attest = ["type=provenance,mode=max", { type = "sbom", generator = "x" }]
  context = "./dir/"
  contexts = { alpine = "docker-image://alpine:3", src = "../src", git = "https://example.com/r.git#main" }
  dockerfile = "x.Dockerfile"
  args = { A = "1", B = 2, C = true, D = null, E = "" }
  labels = { "a.b" = "c", empty = null }
  tags = ["x:1", "y", "x:1"]
  cache-from = ["type=registry,ref=u/c", "u/d", { type = "gha", scope = "s" }]
  cache-to = ["type=inline"]
  target = "stage"
  secret = ["id=a,src=f", { id = "b", env = "B" }, "type=env,id=c,env=C"]
  platforms = ["linux/amd64", "linux/arm64"]
  output = ["type=oci,dest=o.tar", { type = "image", push = "true" }, "dir"]
  pull = true
  no-cache = true
  network = "host"
  no-cache-filter = ["a", "b"]
  shm-size = "128m"
  ulimits = ["nofile=1024:1024"]
  call = "check"
  entitlements = ["security.insecure"]
  extra-hosts = { h = "1.2.3.4" }
}
`

export const targetCases: readonly BakeCase[] = [
  hcl('every-field', everyField),
  hcl('empty-target', 'target "default" {}\n'),
  hcl('inline', 'target "default" {\n  dockerfile-inline = "FROM scratch\\nENV A=$${B}\\n"\n}\n'),
  hcl(
    'inherits',
    `target "a" {
  args = { X = "a", Y = "a" }
  tags = ["a"]
  platforms = ["linux/amd64"]
  labels = { l = "a" }
  cache-from = ["type=gha"]
  annotations = ["x=a"]
  dockerfile = "a.Dockerfile"
}
target "b" {
  args = { Y = "b", Z = "b" }
  cache-from = ["type=local,src=b"]
  annotations = ["x=b"]
  output = ["type=docker"]
}
target "default" {
  inherits = ["a", "b"]
  args = { Z = "own" }
  labels = { m = "own" }
}
`,
  ),
  hcl(
    'inherits-order',
    `target "a" {
  tags = ["a"]
  context = "a"
}
target "b" {
  tags = ["b"]
  context = "b"
}
target "ab" { inherits = ["a", "b"] }
target "ba" { inherits = ["b", "a"] }
target "deep" {
  inherits = ["ab"]
  context = "deep"
}
`,
    { args: ['ab', 'ba', 'deep'] },
  ),
  hcl(
    'inherits-clears',
    'target "a" {\n  tags = ["a"]\n  platforms = ["linux/amd64"]\n}\ntarget "default" {\n  inherits = ["a"]\n  tags = []\n  platforms = []\n}\n',
  ),
  hcl(
    'null-argument-inherited',
    'target "a" {\n  args = { X = "1" }\n}\ntarget "default" {\n  inherits = ["a"]\n  args = { X = null, Y = null }\n}\n',
  ),
  hcl(
    'groups',
    `group "default" { targets = ["all", "extra"] }
group "all" {
  description = "everything"
  targets = ["one", "two"]
}
target "one" {}
target "two" {}
target "extra" {}
target "unused" {}
`,
  ),
  hcl('group-by-name', 'group "g" { targets = ["a", "b"] }\ntarget "a" {}\ntarget "b" {}\ntarget "c" {}\n', {
    args: ['g', 'c'],
  }),
  hcl(
    'patterns',
    'target "web-a" {}\ntarget "web-b" {}\ntarget "db" {}\ngroup "web-all" { targets = ["db"] }\n',
    { args: ['web-?'] },
  ),
  hcl(
    'pattern-with-groups',
    'target "web-a" {}\ntarget "web-b" {}\ntarget "db" {}\ngroup "web-all" { targets = ["db"] }\n',
    { args: ['web*'] },
  ),
  hcl('dotted-name', 'target "a_b" {}\n', { args: ['a.b'] }),
  hcl(
    'matrix',
    `target "app" {
  name = "app-\${tgt}-\${replace(ver, ".", "-")}"
  matrix = {
    tgt = ["lint", "build"]
    ver = ["1.0", "2.0"]
  }
  target = tgt
  args = { VERSION = ver }
  tags = ["app:\${tgt}-\${ver}"]
}
group "default" { targets = ["app"] }
`,
  ),
  hcl(
    'matrix-of-objects',
    `variable "items" {
  default = [{ name = "foo", port = 80 }, { name = "bar", port = 90 }]
}
target "svc" {
  name = item.name
  matrix = { item = items }
  args = { PORT = item.port }
}
`,
    { args: ['svc'] },
  ),
  hcl(
    'matrix-named-as-its-block',
    `target "default" {
  name = tgt
  matrix = { tgt = ["dev", "prod"] }
  target = tgt
}
`,
  ),
  hcl('matrix-of-one', 'target "a" {\n  name = "a"\n  matrix = { x = ["1"] }\n  args = { X = x }\n}\n', {
    args: ['a'],
  }),
  hcl(
    'matrix-inherited',
    `target "base" {
  name = "base-\${v}"
  matrix = { v = ["1", "2"] }
  args = { V = v }
}
target "app" {
  name = "app-\${v}"
  matrix = { v = ["1", "2"] }
  inherits = ["base-\${v}"]
  contexts = { base = "target:base-\${v}" }
}
group "default" { targets = ["app"] }
`,
  ),
  hcl(
    'links',
    `target "base" {
  platforms = ["linux/amd64", "linux/arm64"]
  output = ["type=image"]
}
target "mid" { contexts = { b = "target:base" } }
target "default" {
  contexts = { m = "target:mid", d = "docker-image://debian" }
  platforms = ["linux/amd64"]
}
`,
  ),
  hcl(
    'linked-and-asked-for',
    'target "base" {\n  output = ["type=docker"]\n}\ntarget "app" {\n  contexts = { b = "target:base" }\n}\n',
    { args: ['app', 'base'] },
  ),
  hcl(
    'references',
    `target "base" {
  args = { VERSION = "1.2", NAME = "base" }
  tags = ["base:1", "base:2"]
  context = "dir"
}
target "default" {
  args = {
    FROM = target.base.args.VERSION
    TAG = target.base.tags[0]
    COUNT = length(target.base.tags)
    ALL = join(",", [for k, v in target.base.args : "\${k}=\${v}"])
  }
  context = target.base.context
  labels = target.base.args
  dockerfile = "\${target.base.name}.Dockerfile"
}
`,
  ),
  hcl(
    'reference-to-itself',
    `target "default" {
  args = { A = "x" }
  tags = ["img:\${target.default.args.A}"]
}
`,
  ),
  hcl(
    'reference-to-matrix',
    'target "m" {\n  name = "m-${v}"\n  matrix = { v = ["1", "2"] }\n  tags = ["m:${v}"]\n}\ntarget "default" {\n  tags = target.m-2.tags\n}\n',
  ),
  hcl(
    'bake-variables',
    'target "default" {\n  context = BAKE_CMD_CONTEXT\n  args = { P = BAKE_LOCAL_PLATFORM }\n}\n',
  ),
  hcl(
    'global-attributes',
    'registry = "reg.example"\nversion = "v${major}"\nmajor = 3\ntarget "default" {\n  tags = ["${registry}/app:${version}"]\n}\n',
  ),
  hcl(
    'blocks-twice',
    'target "default" {\n  args = { A = "1", B = "1" }\n  tags = ["one"]\n}\ntarget "default" {\n  args = { B = "2" }\n  platforms = ["linux/arm64"]\n}\n',
  ),
  hcl(
    'contexts-removed',
    'target "a" {\n  contexts = { x = "dir", y = "other" }\n}\ntarget "default" {\n  inherits = ["a"]\n  contexts = { x = "" }\n}\n',
  ),
  hcl(
    'escaped-in-print',
    'target "default" {\n  args = { A = "$${HOME} %%{x}" }\n  labels = { l = "$${x}" }\n  annotations = ["k=$${v}"]\n}\n',
  ),
  hcl(
    'scalars-converted',
    'target "default" {\n  tags = [1, true]\n  labels = { a = 1.50, b = false }\n  shm-size = 64\n  pull = "true"\n  target = 5\n}\n',
  ),
  hcl(
    'sets-as-lists',
    'target "default" {\n  tags = setunion(["b", "a"], ["c"])\n  platforms = distinct(["linux/amd64", "linux/amd64"])\n}\n',
  ),
]
