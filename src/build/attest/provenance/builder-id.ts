/** Who built: SLSA's `builder.id`, an address that tells one trusted builder from another. */

/** What CI says of the workflow that runs; on a machine of a person there is nothing to trust more than that. */
export function builderId(env: Readonly<Record<string, string | undefined>>): string {
  const { GITHUB_SERVER_URL, GITHUB_WORKFLOW_REF, CI_CONFIG_REF_URI, BUILDKITE_ORGANIZATION_SLUG } = env
  if (GITHUB_SERVER_URL && GITHUB_WORKFLOW_REF) return `${GITHUB_SERVER_URL}/${GITHUB_WORKFLOW_REF}`
  if (CI_CONFIG_REF_URI) return `https://${CI_CONFIG_REF_URI}`
  if (BUILDKITE_ORGANIZATION_SLUG && env['BUILDKITE_PIPELINE_SLUG'])
    return `https://buildkite.com/${BUILDKITE_ORGANIZATION_SLUG}/${env['BUILDKITE_PIPELINE_SLUG']}`
  return 'https://slipway.dev/builder/local'
}
