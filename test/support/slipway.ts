/** The command line, run from source as a process of its own in an environment that is the same on every machine. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { programEnvironment } from './program.ts'

const main = resolve(import.meta.dirname, '../../src/cli/main.ts')

export interface SlipwayOptions {
  /** folder for caches; also HOME, so that nobody's configuration counts */
  readonly home: string
  readonly cwd?: string
  /** added to the environment, which has only PATH, HOME, XDG_RUNTIME_DIR, LANG and SLIPWAY_CACHE_DIR */
  readonly env?: Readonly<Record<string, string>>
  /** runs under this umask, such as `077`; default: that of the tests */
  readonly umask?: string
  /** the file of the command line; default: the source */
  readonly program?: string
  /** what it reads from its standard input; default: nothing, and no terminal */
  readonly input?: string
  /** runs as this user; default: that of the tests */
  readonly user?: number
  /** told of every event of `--progress=json` as it comes */
  readonly onEvent?: (event: SlipwayEvent, run: RunningSlipway) => void
}

/** An event as `--progress=json` prints it; see src/build/events.ts. */
export interface SlipwayEvent {
  readonly kind: string
  readonly [field: string]: unknown
}

export interface SlipwayResult {
  /** exit status; nothing when a signal ended it */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly events: readonly SlipwayEvent[]
}

export interface RunningSlipway {
  readonly child: ChildProcess
  readonly events: readonly SlipwayEvent[]
  readonly ended: Promise<SlipwayResult>
  /** sends a signal once; false when it was sent before or the process has ended */
  readonly interrupt: (name?: NodeJS.Signals) => boolean
}

export function startSlipway(args: readonly string[], options: SlipwayOptions): RunningSlipway {
  const { home, cwd, env = {}, umask, user, input, program: file = main, onEvent } = options
  const command = [process.execPath, file, ...args]
  const [program = '', ...rest] =
    umask === undefined ? command : ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', ...command]
  const child = spawn(program, rest, {
    cwd,
    ...(user !== undefined && { uid: user, gid: user }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: {
      PATH: programEnvironment['PATH'],
      HOME: home,
      XDG_RUNTIME_DIR: join(home, 'run'),
      LANG: 'C.UTF-8',
      SLIPWAY_CACHE_DIR: join(home, 'cache'),
      ...env,
    },
  })
  child.stdin?.end(input)
  const events: SlipwayEvent[] = []
  let [stdout, stderr, partial, sent] = ['', '', '', false]
  const ended = new Promise<SlipwayResult>((done, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => done({ status, signal, stdout, stderr, events }))
  })
  const running: RunningSlipway = {
    child,
    events,
    ended,
    interrupt(name = 'SIGINT') {
      if (sent || child.exitCode !== null || child.signalCode !== null) return false
      sent = true
      return child.kill(name)
    },
  }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    for (const event of lines.flatMap(parseEvent)) {
      events.push(event)
      onEvent?.(event, running)
    }
  })
  return running
}

/** Runs the command line to its end, whatever that is. */
export async function slipway(args: readonly string[], options: SlipwayOptions): Promise<SlipwayResult> {
  return startSlipway(args, options).ended
}

/** Runs it with `--progress=json` and fails with its output unless it succeeds. */
export async function slipwayOk(args: readonly string[], options: SlipwayOptions): Promise<SlipwayResult> {
  const result = await slipway([...args, '--progress=json'], options)
  if (result.status !== 0) {
    const { status, signal, stdout, stderr } = result
    throw new Error(`slipway ${args.join(' ')} ended with ${status ?? signal}\n${stderr}${stdout}`)
  }
  return result
}

/** Events of one kind. */
export function eventsOf({ events }: Pick<SlipwayResult, 'events'>, kind: string): SlipwayEvent[] {
  return events.filter((event) => event.kind === kind)
}

function parseEvent(line: string): SlipwayEvent[] {
  if (!line.startsWith('{')) return []
  return [JSON.parse(line) as SlipwayEvent]
}
