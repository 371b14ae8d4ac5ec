/** File capabilities declared in a plan arrive in the unpacked image, also through a link of the base. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writeProject } from '../support/project.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'

const parts = ['umoci', 'getcap']
const skip = requirePart(parts.join(', '), process.getuid?.() === 0 && parts.every(hasProgram))

const project = (path: string) => ({
  'slipway.yaml': `hubs: [localhost/caps]
platforms: [linux/amd64]
images:
  - name: tool
    dockerfile: Dockerfile
    files: [root, tool]
    capabilities: { ${path}: 'cap_net_bind_service,cap_net_raw+ep' }
`,
  Dockerfile: 'FROM scratch\nCOPY root /\nCOPY --chmod=0755 tool /bin/\n',
  'root/usr/bin/': {},
  'root/bin': { link: 'usr/bin' },
  tool: 'a program',
})

describe('file capabilities', () => {
  test('are set on the file that the path stands for', { skip }, async () => {
    await using folder = await temporaryFolder()
    await writeProject(folder.path, project('/bin/tool'))
    const { status, stderr } = await slipway(['bake', '--save', 'out'], {
      home: folder.join('home'),
      cwd: folder.path,
    })
    assert.equal(status, 0, stderr)
    const { rootfs } = await umociUnpack(
      folder.join('out'),
      'localhost/caps/tool:latest',
      folder.join('bundle'),
    )
    const { stdout } = await runProgram('getcap', [`${rootfs}/usr/bin/tool`])
    assert.match(stdout, /usr\/bin\/tool cap_net_bind_service,cap_net_raw=ep/)
  })
  test('for a path that nothing writes are an error with the place in the plan', async () => {
    await using folder = await temporaryFolder()
    await writeProject(folder.path, project('/bin/toll'))
    const { status, stderr } = await slipway(['bake'], { home: folder.join('home'), cwd: folder.path })
    assert.equal(status, 2)
    assert.match(
      stderr,
      /capabilities of tool are for "\/bin\/toll", which is no file that its Dockerfile copies\n {2}slipway\.yaml:4:/,
    )
  })
})
