/** `slipway operator render` as a process. */
import { loadKubeSchema } from '../kube/index.ts'
import { renderInstallation } from '../operator/index.ts'
import { formatYaml } from '../yaml/index.ts'
import type { FileFlags } from './operator-command.ts'
import { readInstallations } from './operator-file.ts'
import { findPackages } from './operator-packages.ts'

export async function runRender(file: string, flags: FileFlags): Promise<void> {
  const { namespace = 'default', insecureRegistry: insecure } = flags
  const installations = await readInstallations(file)
  const packages = await findPackages(file, installations, { insecure })
  const schema = await loadKubeSchema()
  let output = ''
  for (const [index, installation] of installations.entries()) {
    const from = packages[index]!
    const { objects, warnings } = renderInstallation(installation, from, { schema, namespace })
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
    output += objects.map((object) => `---\n${formatYaml(object)}`).join('')
  }
  process.stdout.write(output)
}
