/**
 * Who approves whose changes: events of approvals out of histories and servers, people out of spellings, counts, and
 * pictures of them. Sources write events, everything else reads them; counting and drawing are pure. Never prints.
 */
export { collectEvents, type Collected, type CollectedSource } from './collect.ts'
export { countModes, type CountMode } from './count/cells.ts'
export type { Counted, CountOptions } from './count/count.ts'
export { parseDate } from './dates.ts'
export {
  outcomes,
  reviewStates,
  type ApprovalEvent,
  type EndRecord,
  type EventRecord,
  type Outcome,
  type Person,
  type SourceRecord,
} from './event.ts'
export { eventFormat, type EventFormat } from './event-writer.ts'
export { captionLines, type Facts } from './facts.ts'
export type { Identities, IdentityOptions, Merge } from './identity/identities.ts'
export { readPeople, type KnownPerson, type Membership } from './identity/people-file.ts'
export { compatOptions } from './compat.ts'
export { makePicture, type Picture, type PictureOptions } from './picture.ts'
export { pngFile } from './render/png.ts'
export { csvFile } from './render/csv.ts'
export { csvRows } from './render/csv-rows.ts'
export { htmlFile } from './render/html.ts'
export { jsonFile } from './render/json.ts'
export { markdownFile } from './render/markdown.ts'
export { pairRows, type PairRow } from './render/pairs-table.ts'
export type { ViewKind } from './render/drawing.ts'
export { svgFile } from './render/svg-file.ts'
export type { ThemeName } from './render/theme.ts'
export { defaultKeys, readGit, type GitSourceOptions } from './sources/git/git-source.ts'
export { messageStyles, type MessageStyle } from './sources/git/message.ts'
export { readGerrit, type GerritOptions } from './sources/gerrit/gerrit-source.ts'
export { readGharchive, type GharchiveOptions } from './sources/gharchive/gharchive-source.ts'
export { readGithub, type GithubOptions } from './sources/github/github-source.ts'
export { readGitlab, type GitlabOptions } from './sources/gitlab/gitlab-source.ts'
export type { EmitSource, SourceEvent } from './sources/progress.ts'
export { readRecords } from './sources/records.ts'
export { readRows, type RowColumn, type RowsOptions } from './sources/rows/rows-source.ts'
export type { ArcSize } from './view/chord-layout.ts'
export type { View, ViewOptions } from './view/view.ts'
