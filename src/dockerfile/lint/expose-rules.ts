/** EXPOSE: ExposeProtoCasing and ExposeInvalidFormat. */
import type { StageInstruction } from '../instruction.ts'
import type { Report } from './report.ts'
import { isLower } from './spelling.ts'
import type { StageView } from './stage-view.ts'

export function checkPorts(instruction: StageInstruction, view: StageView, report: Report): void {
  if (instruction.keyword !== 'EXPOSE') return
  for (const word of instruction.ports) {
    for (const port of view.words(word)) {
      const colon = port.lastIndexOf(':')
      const container = port.slice(colon + 1)
      const slash = container.indexOf('/')
      const protocol = slash === -1 ? '' : container.slice(slash + 1)
      if (slash === 0 || container === '' || !isProtocol(protocol)) return
      if (!isLower(protocol)) {
        report.add(
          'ExposeProtoCasing',
          word.place,
          `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
        )
      }
      if (/[^:]/u.test(port.slice(0, Math.max(0, colon)))) {
        report.add(
          'ExposeInvalidFormat',
          word.place,
          `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
        )
      }
    }
  }
}

/** With another protocol the build fails. */
function isProtocol(text: string): boolean {
  return ['', 'tcp', 'udp', 'sctp'].includes(text.toLowerCase())
}
