/** Under which names the embedded registry has an image: its own without their host. Pure. */
import type { Reference } from '../../../oci/index.ts'

export interface ServedName {
  readonly repository: string
  readonly tag: string
}

/**
 * What is official on Docker Hub, such as `app:1`, is both `app` and `library/app`: people write the one, and nodes that
 * have the registry as a mirror of docker.io ask for the other.
 */
export function servedNames({ registry, repository, tag = 'latest' }: Reference): ServedName[] {
  const short = registry === 'docker.io' ? repository.replace(/^library\//, '') : repository
  return short === repository
    ? [{ repository, tag }]
    : [
        { repository: short, tag },
        { repository, tag },
      ]
}

/** The name to pull by, such as `127.0.0.1:5050/demo/web:dev`. */
export function servedReference(host: string, reference: Reference): string {
  const [{ repository, tag }] = servedNames(reference) as [ServedName]
  return `${host}/${repository}:${tag}`
}
