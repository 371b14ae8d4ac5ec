/** What a registry or its token server is shown to let us in. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** an OAuth2 refresh token, as a login with a browser leaves it */
  | { readonly identityToken: string }

/** Looks up the credentials for a host such as `docker.io` or `ghcr.io`; nothing = go on without. */
export type CredentialSource = (host: string) => Promise<Credentials | undefined>

/** Value of an Authorization header (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}
