/** What a cluster has in use, counted against its limits (xDS `CircuitBreakers`). Shared by the pools of its endpoints. */
import type { ClusterLimits } from '../../model/index.ts'

export class Usage {
  connections = 0
  pending = 0
  requests = 0
  retries = 0
  limits: ClusterLimits

  constructor(limits: ClusterLimits = {}) {
    this.limits = limits
  }

  get mayConnect(): boolean {
    return this.connections < (this.limits.maxConnections ?? Infinity)
  }

  get mayWait(): boolean {
    return this.pending < (this.limits.maxPendingRequests ?? Infinity)
  }

  get mayRequest(): boolean {
    return this.requests < (this.limits.maxRequests ?? Infinity)
  }

  get mayRetry(): boolean {
    return this.retries < (this.limits.maxRetries ?? Infinity)
  }
}
