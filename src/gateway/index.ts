/** A gateway from plain files: Gateway API, Istio and Ingress objects in, listeners and status out. No Kubernetes. */
export type { DataPlane } from './proxy/data-plane.ts'
export type { Snapshot } from './model/index.ts'
