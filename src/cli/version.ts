import manifest from '../../package.json' with { type: 'json' }

/** The version of this package. */
export const version: string = manifest.version

/**
 * Names this build of the program, for what it remembers between runs: a change in the code may give other images.
 * Set by the bundler; `source` when it runs unbundled.
 */
export const buildVersion: string = process.env['SLIPWAY_BUILD'] ?? 'source'
