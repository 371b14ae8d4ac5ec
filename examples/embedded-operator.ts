/**
 * The operator inside of a program that is there already: an HTTP server that keeps one installation as its file says,
 * whenever it is asked to. No command line, no election, no kinds of its own.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { loadConnection, loadKubeSchema, openKubeClient } from '../src/kube/index.ts'
import {
  applyPlan,
  builtInPackages,
  facades,
  loadInstallations,
  makePlan,
  renderInstallation,
} from '../src/operator/index.ts'

const [file = 'examples/nginx.yaml', namespace = 'default', port = '8080'] = process.argv.slice(2)
const client = openKubeClient(await loadConnection({ env: process.env }), {
  env: process.env,
  userAgent: 'embedded-operator',
})
const schema = await loadKubeSchema()

async function reconcile(): Promise<string[]> {
  const [installation] = loadInstallations(await readFile(file, 'utf8'), file, facades)
  const from = builtInPackages.find(installation!.package.name, installation!.package.version)
  const rendered = renderInstallation(installation!, from, { schema, namespace })
  const request = { client, installation: installation!, rendered }
  const events: string[] = []
  const emit = ({ kind }: { readonly kind: string }) => void events.push(kind)
  await applyPlan(await makePlan(request), { ...request, emit, toolVersion: '1.0.0' })
  return events
}

createServer((_request, response) => {
  reconcile().then(
    (events) => response.end(JSON.stringify(events)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
}).listen(Number(port), '127.0.0.1')
