/**
 * `npm run demo [-- REGISTRY]`: builds the demo plan twice, the second time to show what a run costs when nothing
 * changed. Writes the OCI layout examples/demo/.slipway/oci, or pushes to a registry such as `localhost:5000`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { styleText } from 'node:util'

const [registry] = process.argv.slice(2)
const plan = ['bake', '-f', 'examples/demo/slipway.yaml', '--root', 'examples/demo']
const output = registry === undefined ? [] : ['--hub', `${registry}/slipway-demo`, '--push']
const where = registry === undefined ? 'the layout examples/demo/.slipway/oci' : `${registry}/slipway-demo`

say(
  `12 images x 2 variants x 2 platforms -> ${where}`,
  'real Go and Rust programs, fetched from npm the first time',
)
await slipway([...plan, ...output])
say('Again, with nothing changed')
await slipway([...plan, ...output])
say(...howToRun())

function say(title: string, ...lines: string[]): void {
  console.log(`\n${styleText('bold', title)}`)
  for (const line of lines) console.log(`  ${line}`)
}

/** Runs the bundled command line as a user does. */
async function slipway(args: readonly string[]): Promise<void> {
  console.log(styleText('dim', `$ npx slipway ${args.join(' ')}`))
  const child = spawn(process.execPath, ['bin/slipway.js', ...args], { stdio: 'inherit' })
  // Ctrl-C reaches the child as well, which cleans up and ends; this process only has to wait for it.
  process.once('SIGINT', () => undefined)
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exit(code ?? 1)
}

function howToRun(): [string, ...string[]] {
  if (registry !== undefined) {
    return [
      'Run one',
      `docker run --rm -p 8080:8080 ${registry}/slipway-demo/web:dev   # then open http://127.0.0.1:8080/`,
    ]
  }
  return [
    'Run one',
    'skopeo copy oci:examples/demo/.slipway/oci:localhost/slipway-demo/web:dev docker-daemon:slipway-demo/web:dev',
    'docker run --rm -p 8080:8080 slipway-demo/web:dev   # then open http://127.0.0.1:8080/',
  ]
}
