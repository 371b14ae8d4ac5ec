/** What the sources of ADD are: files of the context, archives, downloads, git repositories (BuildKit, convert_copy.go). */
import { Failure, failureAt, type Place } from '../../base/index.ts'
import type { AddInstruction } from '../../dockerfile/index.ts'
import { redactUrl } from '../../http/index.ts'
import { downloadName } from '../add/download-name.ts'
import { isGitSource, parseGitReference } from '../add/git-reference.ts'
import { singleFileTree } from '../add/single-file.ts'
import type { CopySource } from '../copy/copy.ts'
import { baseName, resolvePath, type Tree } from '../tree.ts'
import { copiedSources } from './copied-sources.ts'
import type { ExpandedWord } from './expanded-word.ts'
import type { InstructionContext } from './instruction-context.ts'

export interface AddedOptions {
  readonly instruction: AddInstruction
  /** value of `--checksum` */
  readonly checksum: ExpandedWord | undefined
  /** the build context */
  readonly tree: Tree
  readonly context: InstructionContext
}

/** Whether a source is to be downloaded: a web address that is no git repository. */
export function isWebSource(text: string): boolean {
  return /^https?:\/\//.test(text) && !isGitSource(text)
}

/** @throws Failure DOCKERFILE_INVALID for `--checksum` where it means nothing */
export function checkChecksum(checksum: ExpandedWord | undefined, sources: readonly ExpandedWord[]): void {
  if (checksum === undefined) return
  const invalid = (why: string): Failure =>
    new Failure('DOCKERFILE_INVALID', `--checksum cannot be used here: ${why}`, { at: checksum.place })
  const [source, ...others] = sources
  if (source === undefined || others.length > 0) throw invalid('it needs exactly one source')
  if (isWebSource(source.text) && !/^sha256:[0-9a-f]{64}$/.test(checksum.text))
    throw invalid(`"${checksum.text}" is not sha256: with 64 hex digits`)
  if (isGitSource(source.text) && !/^[0-9a-fA-F]+$/.test(checksum.text))
    throw invalid(`"${checksum.text}" is no commit in hexadecimal`)
  if (!isWebSource(source.text) && !isGitSource(source.text))
    throw invalid('the source is neither a web address nor a git repository')
}

/** @throws Failure SOURCE_… | DOWNLOAD_FAILED | CONTENT_MISMATCH | ARCHIVE_INVALID | DOCKERFILE_INVALID */
export async function addedSources(word: ExpandedWord, options: AddedOptions): Promise<CopySource[]> {
  const { instruction, tree, context } = options
  try {
    if (isGitSource(word.text)) return [await gitSource(word, options)]
    if (isWebSource(word.text)) {
      const source = await webSource(word, options)
      return [instruction.unpack === true ? await unpacked(source, context) : source]
    }
    const sources = copiedSources(tree, word, context)
    if (instruction.unpack === false) return sources
    return await Promise.all(sources.map((source) => unpacked(source, context)))
  } catch (error) {
    throw failureAt(error, word.place)
  }
}

async function gitSource(
  { text, place }: ExpandedWord,
  { instruction, checksum, context }: AddedOptions,
): Promise<CopySource> {
  const reference = parseGitReference(text, place)
  const differ = (what: string): Failure =>
    new Failure('DOCKERFILE_INVALID', `${what} of the flag and of "${redactUrl(text)}" differ`, { at: place })
  if (bothDiffer(instruction.keepGitDir, reference.keepGitDir)) throw differ('--keep-git-dir')
  if (bothDiffer(checksum?.text, reference.checksum)) throw differ('--checksum')
  const keepGitDir = reference.keepGitDir ?? instruction.keepGitDir ?? false
  const wanted = { ...reference, checksum: reference.checksum ?? checksum?.text }
  return { tree: await context.addSources.checkOut(wanted, keepGitDir, place), path: '', place }
}

function bothDiffer<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}

async function webSource(
  { text, place }: ExpandedWord,
  { checksum, context }: AddedOptions,
): Promise<CopySource> {
  const shown = redactUrl(text)
  if (!URL.canParse(text))
    throw new Failure('DOCKERFILE_INVALID', `"${shown}" is no web address`, { at: place })
  const { digest, size, source } = await context.addSources.download(text, checksum?.text, place)
  if (checksum === undefined)
    context.warn(`${shown} may answer something else next time: add --checksum=${digest}`, place)
  const name = downloadName(text)
  return { tree: singleFileTree({ name, mode: 0o600, size, source }, shown), path: name, place }
}

/** A source that is an archive, with what is in it; every other source as it is. */
async function unpacked(source: CopySource, context: InstructionContext): Promise<CopySource> {
  const { node } = resolvePath(source.tree, source.path)
  if (node?.type !== 'file' || node.source === undefined) return source
  const archive = await context.addSources.openArchive(node.source, baseName(source.path))
  return archive === undefined ? source : { ...source, archive }
}

/** Flags that an archive does not heed, as in BuildKit; said, because nobody expects it. */
export function warnIgnoredFlags(
  sources: readonly CopySource[],
  { chmod, exclude }: AddInstruction,
  warn: (message: string, at: Place) => void,
): void {
  const archive = sources.find((source) => source.archive !== undefined)?.archive
  if (archive === undefined) return
  const name = archive.description
  if (chmod) warn(`--chmod has no effect on what is unpacked from ${name}`, chmod.place)
  if (exclude[0]) warn(`--exclude has no effect on what is unpacked from ${name}`, exclude[0].place)
}
