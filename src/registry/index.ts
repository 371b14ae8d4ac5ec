/**
 * Registries (distribution-spec 1.1): a client for manifests, blobs, mounts, uploads, tokens, credentials and mirrors,
 * and in `server/` a registry of our own.
 */
export {
  openCredentialStore,
  type CredentialStore,
  type CredentialStoreOptions,
  type Login,
} from './credential-store.ts'
export type { Credentials, CredentialSource } from './credentials.ts'
export type { RegistryEvent } from './events.ts'
export type { HabitsStore } from './habits.ts'
export { isLoopback, isNearby } from './host.ts'
export { hostSettings, type HostSettings, type HostSettingsSource } from './host-settings.ts'
export { proveLogin, type ProvenLogin } from './prove-login.ts'
export { pullRegistry } from './pull-registry.ts'
export type { PushBlobOptions, PushedBlob } from './push-blob.ts'
export type { StreamedBlob, StreamOptions } from './stream-blob.ts'
export type { NewReferrer } from './referrers.ts'
export { containersConf, type ContainersConf } from './registries-conf.ts'
export { openRegistry, type Registry, type RegistryOptions } from './registry.ts'
export { RegistryFailure, type RegistryProblem } from './registry-failure.ts'
export {
  startRegistryServer,
  type RegistryServer,
  type RegistryServerOptions,
  type ServedEvent,
} from './server/server.ts'
export { newShelf, type Shelf } from './server/shelf.ts'
