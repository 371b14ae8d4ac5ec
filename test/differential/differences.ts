/**
 * Where Slipway means something else than BuildKit on purpose. docs/dockerfile.md explains each by the same name;
 * every one is shown by at least one case.
 */
export const differences = {
  'unknown-owner': 'a name that --chown or WORKDIR does not find in the image is an error, not root',
  'many-to-one': 'several sources to a name without "/" make a directory, not one file',
  'empty-layer': 'an instruction that changes no file leaves history but no layer',
  'link-resolves':
    '--link looks at the base: it follows its links and puts a file into a directory that is there',
  socket: 'a socket in the context is left out with a warning, not turned into an empty file',
  'wildcard-in-brackets': '"*" and "?" in brackets stand for themselves in the context too, as in stages',
  'base-history': 'a base with too little history gets entries for its own layers, before those of the build',
  'base-platform': 'a base for another platform is an error, not a warning',
  'empty-fields': 'null and empty fields of the config of the base stay as they are',
  'signal-number': 'a STOPSIGNAL number that is no signal of Linux is an error',
  'stage-name-case': 'FROM and --from find stages and contexts whatever their case, in capitals too',
  'unknown-fields': 'fields of the config of the base that nobody knows stay',
  'whiteout-name': 'a source named .wh.* is an error, not lost',
} as const satisfies Readonly<Record<string, string>>

export type DifferenceName = keyof typeof differences
