/** `slipway operator render` as a process. */
import { loadKubeSchema } from '../kube/index.ts'
import { builtInPackages, renderInstallation } from '../operator/index.ts'
import { formatYaml } from '../yaml/index.ts'
import type { FileFlags } from './operator-command.ts'
import { readInstallations } from './operator-file.ts'

export async function runRender(file: string, { namespace = 'default' }: FileFlags): Promise<void> {
  const installations = await readInstallations(file)
  const schema = await loadKubeSchema()
  let output = ''
  for (const installation of installations) {
    const from = builtInPackages.find(installation.package.name, installation.package.version)
    const { objects, warnings } = renderInstallation(installation, from, { schema, namespace })
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
    output += objects.map((object) => `---\n${formatYaml(object)}`).join('')
  }
  process.stdout.write(output)
}
