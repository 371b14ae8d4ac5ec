/** `slipway login` and `slipway logout`: logins in the places where docker, podman and skopeo keep theirs. */
import { Option, type Command } from 'commander'
import { Failure } from '../base/index.ts'
import { collectList } from './flags.ts'

interface LoginFlags {
  readonly username?: string
  readonly password?: string
  readonly passwordStdin?: boolean
  readonly insecureRegistry?: string[]
}

export function addLoginCommands(program: Command): void {
  program
    .command('login')
    .description('log in to a registry, for slipway, docker, podman and skopeo alike')
    .argument('[host]', 'the registry', 'docker.io')
    .option('-u, --username <name>', 'user; asked for on a terminal')
    .option('--password-stdin', 'read the password or token from the standard input')
    .addOption(new Option('-p, --password <password>').hideHelp())
    .option('--insecure-registry <host>', 'registry without TLS or with any certificate', collectList)
    .action(loginAction)
  program
    .command('logout')
    .description('remove the login of a registry from everywhere it is kept')
    .argument('[host]', 'the registry', 'docker.io')
    .action(logoutAction)
}

async function loginAction(text: string, flags: LoginFlags): Promise<void> {
  const host = parseHost(text)
  if (flags.password !== undefined) {
    throw new Failure('USAGE', 'a password on the command line is seen by others and stays in the history', {
      hint: `slipway login ${flags.username ? `-u ${flags.username} ` : ''}--password-stdin ${host} < FILE`,
    })
  }
  const { readLogin } = await import('./login-prompt.ts')
  const login = await readLogin(host, flags)
  const { hostSettings, openCredentialStore, proveLogin } = await import('../registry/index.ts')
  const { env } = process
  const store = openCredentialStore({ env })
  const settings = hostSettings({ env, insecure: flags.insecureRegistry })
  const proven = await proveLogin(host, login, { settings })
  if (proven === 'unasked')
    process.stderr.write(`note: ${host} asks nobody to log in, so the password could not be checked\n`)
  const place = await store.save(host, login)
  process.stdout.write(`logged in to ${host} as ${login.username}; the login is kept in ${place}\n`)
  if (place.includes('/'))
    process.stderr.write(
      'note: anybody who can read that file can use it; a credential helper keeps it safe\n',
    )
}

async function logoutAction(text: string): Promise<void> {
  const host = parseHost(text)
  const { openCredentialStore } = await import('../registry/index.ts')
  const { env } = process
  const places = await openCredentialStore({ env }).remove(host)
  process.stdout.write(
    places.length === 0
      ? `there was no login for ${host}\n`
      : `logged out of ${host}: removed from ${places.join(', ')}\n`,
  )
  const left = await openCredentialStore({ env }).find(host)
  if (left?.from !== undefined)
    process.stderr.write(`note: ${left.from} still has a login for ${host}; only you can take it out\n`)
}

/** The host as references write it; addresses as docker takes them are fine. @throws Failure USAGE */
function parseHost(text: string): string {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)\/?(.*)$/.exec(text) ?? []
  if (!/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?$/.test(host))
    throw new Failure('USAGE', `"${text}" is not the host of a registry`, {
      hint: 'write it as in names of images: ghcr.io, or registry.example:5000',
    })
  if (path !== '' && !/^v[12]\/?$/.test(path))
    throw new Failure('USAGE', `"${text}" is a part of a registry; logins are for all of it`, {
      hint: `slipway login ${host}`,
    })
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}
