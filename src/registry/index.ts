/**
 * Client of registries (distribution-spec 1.1): manifests, blobs, mounts, uploads, tokens, credentials.
 */
export type { Credentials, CredentialSource } from './credentials.ts'
export { dockerConfigCredentials, type DockerConfigOptions } from './docker-config.ts'
export type { RegistryEvent } from './events.ts'
export type { HabitsStore } from './habits.ts'
export type { PushBlobOptions, PushedBlob } from './push-blob.ts'
export { openRegistry, type Registry, type RegistryOptions } from './registry.ts'
export { RegistryFailure, type RegistryProblem } from './registry-failure.ts'
