/** The daemon that the `docker` command would talk to: DOCKER_HOST, contexts, else the default socket. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../../../base/index.ts'
import type { Endpoint } from './endpoint.ts'

export interface DockerEndpointOptions {
  readonly env: NodeJS.ProcessEnv
  /** name of a context; default: the one in use */
  readonly context?: string | undefined
}

const defaultSocket = '/var/run/docker.sock'

/**
 * In the order of the Docker CLI: the context asked for, DOCKER_HOST, DOCKER_CONTEXT, `currentContext` of config.json.
 * What is no unix socket is reached through `docker system dial-stdio`, which knows SSH, TLS and their settings.
 * @throws Failure USAGE for a context that is not there
 */
export async function dockerEndpoint({ env, context }: DockerEndpointOptions): Promise<Endpoint> {
  const folder = env['DOCKER_CONFIG'] || join(env['HOME'] ?? homedir(), '.docker')
  const host = env['DOCKER_HOST'] || undefined
  const name =
    context ?? (host === undefined ? env['DOCKER_CONTEXT'] || (await currentContext(folder)) : 'default')
  if (name === undefined || name === 'default') {
    if (host === undefined) return { kind: 'socket', path: defaultSocket }
    return socketOf(host) ?? dialStdio(['--host', host])
  }
  const found = await contextHost(folder, name)
  if (found !== undefined) return socketOf(found) ?? dialStdio(['--context', name])
  throw new Failure('USAGE', `there is no Docker context "${name}"`, {
    hint: '`docker context ls` lists them',
  })
}

function socketOf(host: string): Endpoint | undefined {
  return host.startsWith('unix://') ? { kind: 'socket', path: host.slice('unix://'.length) } : undefined
}

function dialStdio(flags: readonly string[]): Endpoint {
  return { kind: 'command', program: 'docker', args: [...flags, 'system', 'dial-stdio'] }
}

async function currentContext(folder: string): Promise<string | undefined> {
  const config = (await readJson(join(folder, 'config.json'))) as { currentContext?: string } | undefined
  return config?.currentContext || undefined
}

/** Contexts lie in folders named by the digest of their name. */
async function contextHost(folder: string, name: string): Promise<string | undefined> {
  const id = createHash('sha256').update(name).digest('hex')
  const meta = (await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'))) as
    | { Endpoints?: { docker?: { Host?: string } } }
    | undefined
  return meta?.Endpoints?.docker?.Host
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw fileFailure('read', path, error)
  }
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new Failure('USAGE', `${path} is not JSON`, { cause })
  }
}
