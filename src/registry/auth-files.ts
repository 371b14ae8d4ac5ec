/** The files that hold logins, in the order they are read (containers-auth.json(5); docker CLI, "config.json"). */
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

export interface AuthFile {
  readonly path: string
  /** whose keys it has: docker writes `https://index.docker.io/v1/` where podman, skopeo and buildah write `docker.io` */
  readonly flavour: 'docker' | 'containers'
  /** named by the user, so that its absence is a mistake */
  readonly isNamed: boolean
}

export interface AuthFilesOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** default: that of this process */
  readonly uid?: number | undefined
  /** as in `process.platform`, default: that of this process */
  readonly platform?: string
}

/**
 * `$REGISTRY_AUTH_FILE` alone when it is set; else podman's file of this session, podman's file of the user, and
 * docker's config.json. The last one is where a new login goes.
 */
export function authFiles({
  env,
  uid = process.getuid?.(),
  platform = process.platform,
}: AuthFilesOptions): AuthFile[] {
  const named = env['REGISTRY_AUTH_FILE']
  if (named) {
    const flavour = basename(named) === 'config.json' ? 'docker' : 'containers'
    return [{ path: named, flavour, isNamed: true }]
  }
  const home = env['HOME'] || homedir()
  const session = env['XDG_RUNTIME_DIR'] || (uid === undefined ? undefined : `/run/containers/${uid}`)
  const folders = [
    ...(platform === 'linux' && session !== undefined
      ? [env['XDG_RUNTIME_DIR'] ? join(session, 'containers') : session]
      : []),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers'),
  ]
  const docker = env['DOCKER_CONFIG'] || join(home, '.docker')
  return [
    ...folders.map((folder) => ({
      path: join(folder, 'auth.json'),
      flavour: 'containers' as const,
      isNamed: false,
    })),
    { path: join(docker, 'config.json'), flavour: 'docker', isNamed: false },
  ]
}
