/** `slipway operator rbac` as a process. */
import { loadKubeSchema, type Kind, type KubeObject } from '../kube/index.ts'
import {
  builtInPackages,
  facades,
  loadInstallations,
  renderInstallation,
  rightsFor,
  rolesFor,
  type Installation,
  type Package,
} from '../operator/index.ts'
import { formatYaml } from '../yaml/index.ts'
import type { RbacFlags } from './operator-command.ts'
import { readInstallations } from './operator-file.ts'
import { findPackages } from './operator-packages.ts'

export async function runRbac(what: string, flags: RbacFlags): Promise<void> {
  const { namespace: fallback = 'default', name = 'slipway-installer', serviceAccount } = flags
  const schema = await loadKubeSchema()
  const reference = /^([a-z0-9-]+)@(\d+\.\d+\.\d+\S*)$/.exec(what)
  const { installations, packages } = reference
    ? ofPackage(builtInPackages.find(reference[1]!, reference[2]!))
    : await ofFile(what, flags)
  const rendered = installations.map((installation, index) =>
    renderInstallation(installation, packages[index]!, { schema, namespace: fallback }),
  )
  const objects: readonly KubeObject[] = rendered.flatMap((one) => one.objects)
  // Other values of a package may render other kinds; a file renders what it renders.
  const kinds: readonly Kind[] = reference ? packages.flatMap((one) => one.kinds) : objects
  const namespace = rendered[0]?.namespace ?? fallback
  const rights = rightsFor({ kinds, objects, schema })
  for (const { apiVersion, kind } of rights.guessed)
    process.stderr.write(
      `warning: ${kind} of ${apiVersion} is not one of Kubernetes' own: its plural is guessed, and that it has a namespace\n`,
    )
  const roles = rolesFor(rights, { name, namespace, serviceAccount })
  process.stdout.write(roles.map((role) => `---\n${formatYaml(role)}`).join(''))
}

interface Found {
  readonly installations: readonly Installation[]
  readonly packages: readonly Package[]
}

async function ofFile(file: string, { insecureRegistry: insecure }: RbacFlags): Promise<Found> {
  const installations = await readInstallations(file)
  return { installations, packages: await findPackages(file, installations, { insecure }) }
}

function ofPackage(from: Package): Found {
  const { name, version, example = {} } = from
  const text = JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Installation',
    metadata: { name },
    spec: { package: { name, version }, values: example },
  })
  return { installations: loadInstallations(text, `${name}@${version}`, facades), packages: [from] }
}
