/** Whether a registry takes a login: asked the way docker and podman ask (distribution-spec "Determining Support"). */
import type { Waiting } from '../base/index.ts'
import { systemClock } from '../http/index.ts'
import type { Login } from './credential-store.ts'
import type { HostSettingsSource } from './host-settings.ts'
import { RegistryFailure } from './registry-failure.ts'
import { openWire } from './wire.ts'

export interface ProveLoginOptions extends Waiting {
  readonly settings?: HostSettingsSource | undefined
}

/** `unasked`: the registry lets everybody in, so that nothing is proven. */
export type ProvenLogin = 'good' | 'unasked'

/** @throws RegistryFailure REGISTRY_UNAUTHORIZED | REGISTRY_UNREACHABLE | REGISTRY_REFUSED | REGISTRY_CERTIFICATE */
export async function proveLogin(
  host: string,
  login: Login,
  options: ProveLoginOptions = {},
): Promise<ProvenLogin> {
  let wasAsked = false
  const wire = openWire(host, {
    ...options,
    clock: systemClock,
    requests: 1,
    uploads: 1,
    async credentials() {
      wasAsked = true
      return login
    },
  })
  try {
    const status = await wire.undertake(
      { what: `log in to ${host}`, repository: '', access: 'read' },
      (signal) =>
        wire.ask(
          { purpose: 'GET root', method: 'GET', path: '/v2/', scopes: [], accept: [200, 404], signal },
          (response) => response.status,
        ),
    )
    if (status === 200) return wasAsked ? 'good' : 'unasked'
    throw new RegistryFailure(
      'REGISTRY_REFUSED',
      `cannot log in to ${host}: it is no registry (404 at /v2/)`,
      {
        hint: 'check the address and its port',
      },
    )
  } finally {
    wire.close()
  }
}
