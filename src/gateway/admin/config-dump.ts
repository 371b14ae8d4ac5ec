/** The served snapshot as people and scripts may see it: keys of secrets are not shown. */
import type { Secret, Snapshot } from '../model/index.ts'

const redacted = '[redacted]'

export function configDump(snapshot: Snapshot): Snapshot {
  return { ...snapshot, secrets: snapshot.secrets.map(redactSecret) }
}

function redactSecret(secret: Secret): Secret {
  return secret.privateKey === undefined ? secret : { ...secret, privateKey: redacted }
}
