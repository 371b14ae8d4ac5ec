/** Texts that lead a cluster and its tools to a registry of this machine. Pure. */

/** The file that leads containerd from the name of a registry to where it is. */
export function hostsToml(url: string): string {
  return `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`
}

/** What tells Tilt, Skaffold and others which registry a cluster pulls from (KEP-1755). */
export function localRegistryConfigMap(name: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: local-registry-hosting
  namespace: kube-public
data:
  localRegistryHosting.v1: |
    host: "${name}"
`
}
