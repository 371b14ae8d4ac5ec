/** `slipway operator rbac` as a process. */
import { loadKubeSchema, type Kind, type KubeObject } from '../kube/index.ts'
import {
  builtInPackages,
  loadInstallations,
  renderInstallation,
  rightsFor,
  rolesFor,
  facades,
  type Rendered,
} from '../operator/index.ts'
import { formatYaml } from '../yaml/index.ts'
import type { RbacFlags } from './operator-command.ts'
import { readInstallations } from './operator-file.ts'

export async function runRbac(what: string, flags: RbacFlags): Promise<void> {
  const { namespace: fallback = 'default', name = 'slipway-installer', serviceAccount } = flags
  const schema = await loadKubeSchema()
  const rendered: Rendered[] = []
  const kinds: Kind[] = []
  const reference = /^([a-z0-9-]+)@(\d+\.\d+\.\d+\S*)$/.exec(what)
  if (reference) {
    const from = builtInPackages.find(reference[1]!, reference[2]!)
    // Its values may add kinds, but the Roles that it renders are the same.
    const [installation] = loadInstallations(installationOf(from), what, facades)
    rendered.push(renderInstallation(installation!, from, { schema, namespace: fallback }))
    kinds.push(...from.kinds)
  } else {
    for (const installation of await readInstallations(what)) {
      const from = builtInPackages.find(installation.package.name, installation.package.version)
      rendered.push(renderInstallation(installation, from, { schema, namespace: fallback }))
    }
  }
  const objects: readonly KubeObject[] = rendered.flatMap((one) => one.objects)
  kinds.push(...objects)
  const rights = rightsFor({ kinds, objects, schema })
  const namespace = rendered[0]?.namespace ?? fallback
  const roles = rolesFor(rights, { name, namespace, serviceAccount })
  process.stdout.write(roles.map((role) => `---\n${formatYaml(role)}`).join(''))
}

/** With no values at all. */
function installationOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Installation',
    metadata: { name },
    spec: { package: { name, version } },
  })
}
