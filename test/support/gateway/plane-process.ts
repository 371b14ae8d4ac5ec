/** A data plane in a process of its own: `node plane-process.ts PORT [BACKEND]`, every path to the backend or answered here. */
import { createDataPlane } from '../../../src/gateway/proxy/create-data-plane.ts'
import { clusterOf, forwardTo, routeOf, snapshotOf } from './snapshots.ts'

const [port, backend] = process.argv.slice(2).map(Number)
const plane = createDataPlane()
const reports = await plane.apply(
  snapshotOf({
    port: port ?? 0,
    routes: [routeOf(backend === undefined ? { kind: 'response', status: 200 } : forwardTo('backend'))],
    clusters: backend === undefined ? [] : [clusterOf('backend', [backend])],
  }),
)
for (const { problem } of reports) if (problem !== undefined) throw new Error(problem)
process.once('SIGTERM', () => void plane.drain(0).then(() => process.exit()))
