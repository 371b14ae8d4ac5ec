/** The proxies that are compared, each with one worker and N routes by prefix to one backend. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, runProgram } from '../../test/support/program.ts'

export interface ProxySetup {
  readonly folder: string
  readonly port: number
  /** port of the backend */
  readonly backend: number
  readonly routes: number
}

export interface Proxy {
  readonly name: string
  /** why it cannot take part */
  readonly missing: string | undefined
  readonly version: () => Promise<string>
  /** writes what it needs; the command line that runs it in the foreground */
  readonly prepare: (setup: ProxySetup) => Promise<readonly string[]>
}

/** The path that the last route takes. */
export function lastPath(routes: number): string {
  return `/api/r${routes}/x`
}

export function prefixes(routes: number): string[] {
  return Array.from({ length: routes }, (_, i) => `/api/r${i + 1}/`)
}

const missing = (program: string) =>
  hasProgram(program) ? undefined : `${program} is not installed: apt-get install ${program}`

const firstLine = async (command: string, args: readonly string[]) => {
  const { stdout, stderr } = await runProgram(command, args)
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? '?'
}

async function write(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const slipway: Proxy = {
  name: 'slipway',
  missing: undefined,
  version: async () => `Node.js ${process.version}`,
  prepare: async ({ port, backend, routes }) => {
    const program = join(import.meta.dirname, 'slipway-process.ts')
    return [process.execPath, '--expose-gc', program, String(port), String(backend), String(routes)]
  },
}

const nginx: Proxy = {
  name: 'nginx',
  missing: missing('nginx'),
  version: async () => firstLine('nginx', ['-v']),
  async prepare({ folder, port, backend, routes }) {
    const locations = prefixes(routes).map((prefix) => `location ${prefix} { proxy_pass http://backend; }`)
    const path = await write(
      folder,
      'nginx.conf',
      `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Request-Id $request_id;
  upstream backend { server 127.0.0.1:${backend}; keepalive 128; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${port} backlog=4096; ${locations.join('\n')} }
}
`,
    )
    return ['nginx', '-c', path]
  },
}

const haproxy: Proxy = {
  name: 'haproxy',
  missing: missing('haproxy'),
  version: async () => firstLine('haproxy', ['-v']),
  async prepare({ folder, port, backend, routes }) {
    const map = await write(
      folder,
      'routes.map',
      prefixes(routes)
        .map((prefix) => `${prefix} backend`)
        .join('\n'),
    )
    const path = await write(
      folder,
      'haproxy.cfg',
      `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend web
  bind 127.0.0.1:${port}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  use_backend %[path,map_beg(${map})]
backend backend
  server one 127.0.0.1:${backend}
`,
    )
    return ['haproxy', '-f', path]
  },
}

const caddy: Proxy = {
  name: 'caddy',
  missing: missing('caddy'),
  version: async () => firstLine('caddy', ['version']),
  async prepare({ folder, port, backend, routes }) {
    const handlers = prefixes(routes).map((prefix) => ({
      match: [{ path: [`${prefix}*`] }],
      handle: [{ handler: 'reverse_proxy', upstreams: [{ dial: `127.0.0.1:${backend}` }] }],
      terminal: true,
    }))
    const server = { listen: [`127.0.0.1:${port}`], automatic_https: { disable: true }, routes: handlers }
    const config = {
      admin: { disabled: true },
      logging: { logs: { default: { level: 'ERROR' } } },
      apps: { http: { servers: { web: server } } },
    }
    return ['caddy', 'run', '--config', await write(folder, 'caddy.json', JSON.stringify(config))]
  },
}

export const proxies: readonly Proxy[] = [slipway, nginx, haproxy, caddy]

export async function backendCommand(folder: string, port: number): Promise<readonly string[]> {
  const body = JSON.stringify({ message: 'hello from the backend of the benchmark', padding: 'a'.repeat(62) })
  const path = await write(
    folder,
    'backend.conf',
    `worker_processes 1; daemon off; pid ${folder}/backend.pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  server { listen 127.0.0.1:${port} backlog=4096; location / { default_type application/json; return 200 '${body}'; } }
}
`,
  )
  return ['nginx', '-c', path]
}
