/**
 * Where Slipway means something else than BuildKit on purpose. docs/dockerfile.md explains each by the same name;
 * every one is shown by at least one case.
 */
export const differences = {
  'base-history': 'a base with too little history gets entries for its own layers, before those of the build',
  'base-platform': 'a base for another platform is an error, not a warning',
  'broken-archive': 'an archive that is cut short is an error, not half of its files',
  'broken-link': '--exclude and --parents take links to nothing as they are, where BuildKit fails',
  'empty-fields': 'null and empty fields of the config of the base stay as they are',
  'empty-layer': 'an instruction that changes no file leaves history but no layer',
  'link-resolves': '--link follows the links of the base and puts a file into a directory that is there',
  'many-to-one': 'several sources to a name without "/" make a directory, not one file',
  'signal-number': 'a STOPSIGNAL number that is no signal of Linux is an error',
  socket: 'a socket in the context is left out with a warning, not turned into an empty file',
  'stage-name-case': 'FROM, and --from of a named context, know no case either',
  'unknown-fields': 'fields of the config of the base that nobody knows stay',
  'unknown-owner': 'a user or group that the image does not know is an error, not root',
  'whiteout-name': 'a file named .wh.* is an error, not lost',
  'wildcard-in-brackets': '"*" and "?" in brackets stand for themselves in the context too, as in stages',
} as const satisfies Readonly<Record<string, string>>

export type DifferenceName = keyof typeof differences
