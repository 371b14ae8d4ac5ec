/** `slipway gateway run`: serves until a signal, follows the files, tells what happens. */
import { Failure } from '../base/index.ts'
import {
  agesPath,
  createDataPlane,
  newAccessLog,
  newRequestCounts,
  openAgesFile,
  startAdminServer,
  startGateway,
  type AccessLogEntry,
  type AccessLogFormat,
  type Gateway,
  type GatewayEvent,
} from '../gateway/index.ts'
import { readConfigFlags, type ConfigFlags } from './gateway-flags.ts'
import { untilInterrupted } from './interruption.ts'
import { gatewayEventLines } from './report/gateway-events.ts'
import { isLoopbackName, parseAddress } from './serve-flag.ts'

export interface RunFlags extends ConfigFlags {
  readonly admin: string
  readonly accessLog?: string
  readonly watch: boolean
  readonly drain: string
  readonly grace: string
  readonly state?: string
  readonly progress: string
}

/** bytes of the access log that wait for a slow reader */
const accessLogBytes = 16 << 20

/** @throws Failure USAGE | GATEWAY_CONFIG | ADDRESS_IN_USE */
export async function runAction(flags: RunFlags): Promise<void> {
  const format = accessLogFormat(flags.accessLog)
  const drainMs = milliseconds('--drain', flags.drain)
  const graceMs = milliseconds('--grace', flags.grace)
  const admin = flags.admin === 'off' ? undefined : parseAddress(flags.admin)
  const emit = emitter(flags.progress)
  const options = await readConfigFlags(flags)

  const counts = newRequestCounts()
  const log =
    format &&
    newAccessLog(format, {
      write: (text) => void process.stdout.write(text),
      isFull: () => process.stdout.writableLength > accessLogBytes,
      onLoss: (lines) =>
        emit({
          kind: 'warning',
          message: `${lines} lines of the access log are lost, as its reader is too slow`,
        }),
    })
  const plane = createDataPlane({
    // Nobody who looks: requests are not described at all.
    ...((admin ?? log) && {
      onAccess(entry: AccessLogEntry) {
        if (admin) counts.count(entry)
        log?.log(entry)
      },
    }),
    onEvent: emit,
  })
  const ages = await openAgesFile(flags.state ?? agesPath(options.config, process.env), (message) =>
    emit({ kind: 'warning', message }),
  )
  let gateway: Gateway | undefined
  const server = admin && (await startAdminServer({ ...admin, gateway: () => gateway, counts }))
  try {
    gateway = await startGateway({ ...options, plane, ages: ages.ages, onAges: ages.save, emit })
    checkStart(gateway)
    if (server) emit({ kind: 'admin', address: server.address })
    if (admin && !isLoopbackName(admin.host))
      emit({
        kind: 'warning',
        message: `everyone who reaches ${server?.address} sees the configuration, without its keys`,
      })
    if (flags.watch) await gateway.watch()
    await untilInterrupted('ended at once: requests were cut\n')
    await gateway.drain(graceMs, drainMs)
  } catch (error) {
    await plane.drain(0)
    throw error
  } finally {
    log?.flush()
    await server?.close()
  }
}

/** @throws Failure ADDRESS_IN_USE when no listener is bound */
function checkStart(gateway: Gateway): void {
  const { reports } = gateway.state()
  const [first] = reports
  if (first && reports.every(({ bound }) => !bound))
    throw new Failure('ADDRESS_IN_USE', `no listener can be bound: ${first.problem ?? first.listener}`, {
      hint: 'end what uses the port, choose another port in the Gateway, or another address with --address',
    })
}

function emitter(mode: string): (event: GatewayEvent) => void {
  if (!['auto', 'plain', 'json', 'quiet'].includes(mode))
    throw new Failure('USAGE', `"${mode}" is not a mode of --progress`, { hint: 'it is auto, json or quiet' })
  return (event) => {
    if (mode === 'json') process.stderr.write(`${JSON.stringify(event)}\n`)
    else if (mode !== 'quiet')
      for (const line of gatewayEventLines(event, process.stderr)) process.stderr.write(`${line}\n`)
  }
}

function accessLogFormat(text: string | undefined): AccessLogFormat | undefined {
  if (text === undefined || text === 'text' || text === 'json') return text
  throw new Failure('USAGE', `"${text}" is not a format of --access-log`, { hint: 'it is text or json' })
}

function milliseconds(flag: string, text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0)
    throw new Failure('USAGE', `${flag} "${text}" is not a number of seconds`)
  return seconds * 1000
}
