/** Versions of the package. One that has been given out gives the same objects for ever: changes are a new version. */
export interface NginxRelease {
  readonly version: string
  readonly image: string
  /** pods are spread over nodes */
  readonly spreads: boolean
}

export const nginxReleases: readonly NginxRelease[] = [
  { version: '1.0.0', image: 'docker.io/library/nginx:1.28.0', spreads: false },
  { version: '1.1.0', image: 'docker.io/library/nginx:1.29.1', spreads: true },
]
