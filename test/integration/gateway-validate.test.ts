/** `slipway gateway validate` and the commands that ask a running gateway, as people and scripts use them. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { parse } from 'yaml'
import { freePort } from '../support/free-port.ts'
import { startGatewayProcess } from '../support/running-gateway.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const good = (port: number) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: slipway, listeners: [{name: http, port: ${port}, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all}
spec:
  parentRefs: [{name: web}]
  rules: [{backendRefs: [{name: backend, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {type: ExternalName, externalName: localhost, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2, a: b}}
data: {tls.key: c2VjcmV0}
`

const bad = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: bad
spec:
  parentRef:
    - name: web
  rules:
    - matches:
        - path: { type: Prefix, value: / }
`

suite('slipway gateway validate, status, get and dump', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())
  const options = () => ({ home: folder.join('home'), cwd: folder.path })
  const validate = (...args: string[]) => slipway(['gateway', 'validate', ...args], options())

  test('files that are right: exit 0', async () => {
    await mkdir(folder.join('good'))
    await writeFile(folder.join('good', 'all.yaml'), good(80))
    const { status, stdout } = await validate('good')
    assert.equal(status, 0, stdout)
    assert.match(stdout, /^4 objects in 1 file: 0 errors, 0 warnings$/m)
  })

  test('what is wrong is shown with its line: exit 1', async () => {
    await writeFile(folder.join('bad.yaml'), bad)
    const { status, stdout } = await validate('-c', 'bad.yaml')
    assert.equal(status, 1)
    assert.equal(
      stdout,
      `error: HTTPRoute default/bad: spec.rules[0].matches[0].path.type must be Exact, PathPrefix or RegularExpression, not "Prefix"; it has no effect (schema)
  bad.yaml:10:25
   10 |         - path: { type: Prefix, value: / }
      |                         ^^^^^^
warning: HTTPRoute default/bad: spec.parentRef is not a field of this kind and has no effect (unknown-field)
  bad.yaml:6:3
    6 |   parentRef:
      |   ^^^^^^^^^
  hint: did you mean "parentRefs"?
0 objects in 1 file: 1 error, 1 warning
`,
    )
  })

  test('as JSON and as SARIF', async () => {
    await writeFile(folder.join('bad.yaml'), bad)
    const json = JSON.parse((await validate('bad.yaml', '--format', 'json')).stdout) as {
      errors: number
      diagnostics: { rule: string; line: number; column: number; endColumn: number }[]
    }
    assert.equal(json.errors, 1)
    assert.deepEqual(
      json.diagnostics.map(({ rule, line, column, endColumn }) => [rule, line, column, endColumn]),
      [
        ['schema', 10, 25, 31],
        ['unknown-field', 6, 3, 12],
      ],
    )
    const sarif = JSON.parse((await validate('bad.yaml', '--format', 'sarif')).stdout) as Sarif
    assert.equal(sarif.version, '2.1.0')
    const [run] = sarif.runs
    assert.deepEqual(
      run!.results.map(({ ruleId, ruleIndex, level, locations }) => [
        ruleId,
        run!.tool.driver.rules[ruleIndex]!.id,
        level,
        locations[0]!.physicalLocation.artifactLocation.uri,
        locations[0]!.physicalLocation.region.startLine,
      ]),
      [
        ['schema', 'schema', 'error', 'bad.yaml', 10],
        ['unknown-field', 'unknown-field', 'warning', 'bad.yaml', 6],
      ],
    )
  })

  test('the standard input, a folder that is not there, a format that is none', async () => {
    const piped = await slipway(['gateway', 'validate', '-'], { ...options(), input: good(80) })
    assert.deepEqual([piped.status, /4 objects in 1 file/.test(piped.stdout)], [0, true], piped.stderr)
    const wrong = await slipway(['gateway', 'validate', '-'], { ...options(), input: bad })
    assert.match(wrong.stdout, /<stdin>:10:25/)
    assert.equal((await validate('none')).status, 2)
    assert.equal((await validate('bad.yaml', '--format', 'xml')).status, 2)
  })

  test('a warning is an error with --strict', async () => {
    await writeFile(folder.join('warn.yaml'), good(80).replace('spec: {type', 'spec: {typo: x, type'))
    assert.equal((await validate('warn.yaml')).status, 0)
    const strict = await validate('warn.yaml', '--strict')
    assert.equal(strict.status, 1)
    assert.match(strict.stdout, /error: Service default\/backend: spec.typo is not a field/)
  })

  test('a running gateway is asked', async () => {
    const port = await freePort()
    await writeFile(folder.join('run.yaml'), good(port))
    await using gateway = await startGatewayProcess(['-c', 'run.yaml'], options())
    const admin = ['--admin', new URL(gateway.admin).host]
    const ask = async (...args: string[]) => {
      const { status, stdout, stderr } = await slipway(['gateway', ...args, ...admin], options())
      assert.equal(status, 0, stderr)
      return stdout
    }
    const status = await ask('status')
    assert.match(status, /^ready: 4 objects, 1 listener/)
    assert.match(status, /Gateway default\/web +Programmed +True +Programmed/)
    assert.match(
      await ask('get', 'httproutes'),
      /^NAMESPACE +NAME +HOSTNAMES +PARENTS +ACCEPTED +AGE\ndefault +all +web +True +\d+s\n$/,
    )
    assert.match(
      await ask('get', 'gtw', 'web', '-o', 'wide'),
      /default +web +slipway +127.0.0.1 +True +run.yaml:3:18/,
    )
    const yaml = parse(await ask('get', 'gateway.gateway.networking.k8s.io', 'web', '-o', 'yaml')) as {
      status: { conditions: { type: string; lastTransitionTime: string }[] }
    }
    assert.deepEqual(
      yaml.status.conditions.map(({ type }) => type),
      ['Accepted', 'Programmed', 'ResolvedRefs'],
    )
    assert.match(yaml.status.conditions[0]!.lastTransitionTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const list = JSON.parse(await ask('get', 'all', '-o', 'json')) as {
      items: { kind: string; data?: unknown }[]
    }
    assert.deepEqual(list.items.map(({ kind }) => kind).toSorted(), [
      'Gateway',
      'HTTPRoute',
      'Secret',
      'Service',
    ])
    assert.deepEqual(list.items.find(({ kind }) => kind === 'Secret')!.data, { 'tls.key': '[redacted]' })
    assert.doesNotMatch(JSON.stringify(list), /hunter2|c2VjcmV0/)
    assert.equal(await ask('get', 'svc', '-o', 'name'), 'service/backend\n')
    assert.equal(await ask('get', 'vs'), 'No resources found\n')
    const missing = await slipway(['gateway', 'get', 'svc', 'none', ...admin], options())
    assert.deepEqual([missing.status, /the gateway has no svc "none"/.test(missing.stderr)], [1, true])
    const dump = JSON.parse(await ask('dump')) as { listeners: { port: number }[] }
    assert.deepEqual(
      dump.listeners.map((listener) => listener.port),
      [port],
    )
    assert.match(await ask('dump', '--clusters'), /"cluster": /)
  })
})

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string }
          readonly region: { readonly startLine: number }
        }
      }[]
    }[]
  }[]
}
