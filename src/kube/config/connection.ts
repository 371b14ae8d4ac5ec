/** How to reach the API server of one cluster, and as whom. */
import type { ExecEntry } from './kubeconfig.ts'

export interface ClusterConnection {
  /** `https://host:port`, a path where the server has one; no slash at the end */
  readonly server: string
  /** authorities in PEM; default: those of this machine */
  readonly authorities: string | undefined
  /** whatever certificate the server has is taken */
  readonly isUnverified: boolean
  /** the name that its certificate must have; default: that of the address */
  readonly serverName: string | undefined
  readonly proxyUrl: string | undefined
  /** of the context; default `default` */
  readonly namespace: string
  readonly identity: Identity
  /** where it was found, for messages: `context "kind" of /home/me/.kube/config` */
  readonly from: string
}

/** Who we are, from the strongest: a plugin is asked for what the others do not have. */
export interface Identity {
  /** PEM */
  readonly certificate?: { readonly certificate: string; readonly key: string } | undefined
  readonly token?: string | undefined
  /** read anew each minute, since tokens of pods rotate */
  readonly tokenFile?: string | undefined
  readonly basic?: { readonly username: string; readonly password: string } | undefined
  readonly exec?: ExecPlugin | undefined
  readonly impersonate?: Impersonation | undefined
}

export interface Impersonation {
  readonly user: string
  readonly groups?: readonly string[]
}

export interface ExecPlugin {
  readonly entry: ExecEntry
  /** of the kubeconfig: a command with a slash is relative to it */
  readonly folder: string
}
