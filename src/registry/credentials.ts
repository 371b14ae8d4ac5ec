/** What a registry or its token server is shown to let us in. */
export type Credentials = (
  | { readonly username: string; readonly password: string }
  /** an OAuth2 refresh token, as a login with a browser leaves it */
  | { readonly identityToken: string }
  /** a bearer token for the registry itself, shown as it is */
  | { readonly registryToken: string }
) & {
  /** where they were found, for messages: a file, a helper, a variable */
  readonly from?: string | undefined
}

/**
 * Looks up the credentials for a host such as `docker.io` or `ghcr.io`, and for a repository of it such as `acme/api`
 * where they differ by repository; nothing = go on without.
 */
export type CredentialSource = (host: string, repository?: string) => Promise<Credentials | undefined>

/** Value of an Authorization header (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/** Whose they are, for messages: `"ann" (from ~/.docker/config.json)`. Never a secret. */
export function nameCredentials(credentials: Credentials): string {
  const who =
    'username' in credentials
      ? `"${credentials.username}"`
      : 'identityToken' in credentials
        ? 'an identity token'
        : 'a registry token'
  return credentials.from === undefined ? who : `${who} (from ${credentials.from})`
}
