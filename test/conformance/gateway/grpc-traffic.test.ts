import { grpcTrafficCases } from './cases/grpc-traffic.ts'
import { runCases } from './running-suite.ts'

await runCases('grpc-traffic', grpcTrafficCases)
