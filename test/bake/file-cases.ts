/** Files: variables, several files, JSON, `--set`. */
import { hcl, type BakeCase } from './case.ts'

const typed = `variable "S" {
  type = string
  default = "x"
}
variable "N" {
  type = number
  default = "5"
}
variable "B" {
  type = bool
  default = false
}
variable "L" {
  type = list(string)
  default = ["a", "b"]
}
variable "NL" {
  type = list(number)
  default = []
}
variable "M" {
  type = map(string)
  default = { k = "v" }
}
variable "O" {
  type = object({ name = string, port = optional(number) })
  default = { name = "n" }
}
variable "T" {
  type = tuple([string, number])
  default = ["a", 1]
}
variable "SET" {
  type = set(string)
  default = ["z", "y", "z"]
}
variable "NONE" { type = string }
target "default" {
  args = {
    S = S
    N = N + 1
    B = B ? "on" : "off"
    L = jsonencode(L)
    NL = jsonencode(NL)
    M = jsonencode(M)
    O = jsonencode(O)
    T = jsonencode(T)
    SET = jsonencode(SET)
    NONE = NONE == null ? "null" : "set \${NONE}"
  }
}
`

const untyped = `variable "TEXT" { default = "x" }
variable "NUMBER" { default = 5 }
variable "FLAG" { default = false }
variable "EMPTY" {}
variable "NULL" { default = null }
variable "FROM" { default = "\${TEXT}-\${NUMBER}" }
target "default" {
  args = {
    TEXT = TEXT
    NUMBER = NUMBER * 2
    FLAG = FLAG ? "yes" : "no"
    EMPTY = "[\${EMPTY}]"
    NULL = NULL == null ? "null" : NULL
    FROM = FROM
  }
}
`

const many = `group "default" { targets = ["app", "db"] }
target "base" { args = { X = "base", Y = "base" } }
target "app" {
  inherits = ["base"]
  tags = ["app:1"]
  platforms = ["linux/amd64"]
  output = ["type=docker"]
  secret = ["id=a,src=f"]
}
target "db" {
  tags = ["db:1"]
  labels = { l = "1" }
}
`

const set = (name: string, ...values: string[]): BakeCase =>
  hcl(`set-${name}`, many, { args: values.flatMap((value) => ['--set', value]) })

export const fileCases: readonly BakeCase[] = [
  hcl('variables-untyped', untyped),
  hcl('variables-from-environment', untyped, {
    env: { TEXT: 'env', NUMBER: '7', FLAG: 'TRUE', EMPTY: 'full', NULL: 'something' },
  }),
  hcl('variables-typed', typed),
  hcl('variables-typed-from-environment', typed, {
    env: {
      S: 'y',
      N: '8',
      B: '1',
      L: 'p,q,"r,s"',
      NL: '1,2',
      M: 'a:1,b:2',
      T: 'q,9',
      SET: 'b,a,b',
      NONE: 'some',
      O_JSON: '{"name": "j", "port": 1}',
    },
  }),
  hcl('variables-from-json', typed, {
    env: { L_JSON: '["x", "y,z"]', M_JSON: '{"a": "b"}', N_JSON: '12', NL_JSON: '[3]' },
  }),
  hcl('variables-of-the-command-line', untyped, {
    args: ['--var', 'TEXT=cli', '--var', 'NUMBER=3'],
    env: { TEXT: 'env' },
  }),
  hcl(
    'validations',
    `variable "PORT" {
  default = 80
  validation {
    condition = PORT > 0 && PORT < 65536
    error_message = "no port: \${PORT}"
  }
  validation {
    condition = PORT != 22
    error_message = "22 is taken"
  }
}
target "default" { args = { PORT = PORT } }
`,
    { env: { PORT: '8080' } },
  ),
  {
    name: 'json',
    files: {
      'docker-bake.json': JSON.stringify({
        '//': 'a comment',
        variable: {
          TAG: { default: 'dev' },
          LIST: { type: 'list(string)', default: ['a'] },
          BOTH: [{ default: '${TAG}-x' }],
        },
        function: { twice: { params: ['x'], result: '${x}${x}' } },
        group: { default: { targets: ['a', 'b'] } },
        target: {
          a: {
            tags: ['a:${TAG}', '${upper(TAG)}'],
            args: {
              N: 5,
              B: true,
              X: null,
              T: '${twice("q")}',
              '${TAG}': 'key',
              L: '${join(",", LIST)}',
              BOTH: '${BOTH}',
            },
            'no-cache': true,
          },
          b: {
            inherits: ['a'],
            dockerfile: 'x\ny',
            platforms: '${["linux/amd64"]}',
            output: ['type=docker', { type: 'oci', dest: 'o' }],
          },
        },
      }),
    },
    env: { TAG: 'env' },
  },
  {
    name: 'json-lists-of-blocks',
    files: {
      'docker-bake.json': JSON.stringify({
        group: [{ default: { targets: ['x'] } }],
        target: [{ x: [{ tags: ['1'] }] }, { y: {} }],
      }),
    },
  },
  {
    name: 'json-matrix',
    files: {
      'docker-bake.json': JSON.stringify({
        target: { m: { name: 'm-${v}', matrix: { v: ['1', '2'] }, args: { V: '${v}' } } },
      }),
    },
    args: ['m'],
  },
  {
    name: 'merge-order',
    files: {
      'docker-bake.json': JSON.stringify({
        target: { default: { tags: ['json'], args: { A: 'json', B: 'json', C: 'json', D: 'json' } } },
      }),
      'docker-bake.hcl':
        'target "default" {\n  tags = ["hcl"]\n  args = { B = "hcl", C = "hcl", D = "hcl" }\n}\n',
      'docker-bake.override.json': JSON.stringify({
        target: { default: { args: { C: 'override.json', D: 'override.json' }, labels: { l: '1' } } },
      }),
      'docker-bake.override.hcl':
        'target "default" {\n  args = { D = "override.hcl" }\n  platforms = ["linux/arm64"]\n}\n',
    },
  },
  {
    name: 'several-files',
    files: {
      'a.hcl':
        'variable "V" { default = "a" }\ngroup "default" { targets = ["x"] }\ntarget "x" {\n  tags = ["x:${V}"]\n  contexts = { c = "a" }\n}\n',
      'b.hcl':
        'variable "V" { default = "b" }\ntarget "x" {\n  inherits = ["y"]\n  contexts = { d = "b" }\n}\ntarget "y" { args = { Y = V } }\n',
    },
    args: ['-f', 'a.hcl', '-f', 'b.hcl'],
  },
  {
    name: 'group-replaced',
    files: {
      'docker-bake.hcl': 'group "default" { targets = ["a"] }\ntarget "a" {}\ntarget "b" {}\n',
      'docker-bake.override.hcl': 'group "default" { targets = ["b"] }\n',
    },
  },
  {
    name: 'attributes-of-several-files',
    files: { 'a.hcl': 'v = "a"\ntarget "default" { args = { V = v } }\n', 'b.hcl': 'v = "b"\n' },
    args: ['-f', 'a.hcl', '-f', 'b.hcl'],
  },
  {
    name: 'other-file-name',
    files: { 'my.bake': 'target "default" { tags = ["x"] }\n' },
    args: ['-f', 'my.bake'],
  },
  set('argument', 'app.args.X=cli', '*.args.Z=z'),
  set('argument-of-parent', 'base.args.X=cli'),
  set('argument-from-environment', 'app.args.HOME'),
  set('tags', 'app.tags=new:1', 'app.tags=new:2', 'db.tags+=more:1'),
  set('tag-cleared', 'app.tags='),
  set('platforms', '*.platform=linux/arm64', '*.platform=linux/386'),
  set('platforms-added', 'app.platform+=linux/arm64'),
  set('output', 'app.output=type=oci,dest=x.tar', 'db.output+=type=docker'),
  set('push', '*.push=true'),
  set('load', '*.load=true'),
  set('push-and-load', '*.push=true', '*.load=true'),
  set('push-off', 'app.push=false'),
  set(
    'labels-and-contexts',
    'db.label.l=2',
    'db.labels.m=3',
    'app.contexts.c=dir',
    'app.context=other',
    'app.dockerfile=D',
  ),
  set('annotations', 'app.annotations=a=b', 'app.annotation=c=d'),
  set(
    'caches',
    'app.cache-from=type=gha',
    'app.cache-from=u/v',
    'app.cache-to=type=inline',
    'app.no-cache=true',
    'app.pull=true',
  ),
  set(
    'the-rest',
    'app.target=t',
    'app.network=host',
    'app.secret+=id=b,src=f',
    'app.shm-size=1g',
    'app.ulimits=nofile=1',
    'app.entitlements=network.host',
    'app.extra-hosts.h=1.1.1.1',
    'app.call=check',
    'app.no-cache-filter=s',
    'app.attest=type=sbom',
  ),
  set('secret-by-name', 'app.secret.a=env=S'),
  hcl('push-with-image', 'target "default" {\n  output = ["type=image,name=x", "type=local,dest=out"]\n}\n', {
    args: ['--set', '*.push=true'],
  }),
]
