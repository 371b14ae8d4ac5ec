/**
 * Random Dockerfiles without RUN and contexts for them, small and shrinking. What is known to differ on purpose is not
 * generated: unknown owners, several sources to one name, --link, whiteout names, capitals in stage names.
 */
import fc from 'fast-check'
import type { Case } from './case.ts'
import type { FileTable } from './file-table.ts'

const names = ['a', 'b', 'c.txt', 'd.md', 'e f', '.g']
const modes = [0o644, 0o755, 0o600, 0o711, 0o4755, 0o2755, 0o1777]

const contextPath = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
const linkTarget = fc.oneof(
  contextPath,
  contextPath.map((path) => `/${path}`),
  contextPath.map((path) => `../${path}`),
  fc.constantFrom('.', '..', '/', 'missing'),
)
const contextFile: fc.Arbitrary<FileTable[string]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ content: fc.constantFrom('', 'one', 'two\n'), mode: fc.constantFrom(...modes) }),
  },
  { weight: 2, arbitrary: linkTarget.map((target) => `-> ${target}`) },
  { weight: 1, arbitrary: contextPath.map((hardlink) => ({ hardlink })) },
  { weight: 1, arbitrary: fc.constantFrom(0o755, 0o700, 0o2711) },
)
const ignoreRule = fc.constantFrom('a', 'b/', '*.txt', '**/*.md', '!a/b', '!c.txt', '**/a', 'a/*', '.g')

/** Drops what cannot be together with what comes before: a name twice, a path below a file, a link to nothing. */
const context: fc.Arbitrary<FileTable> = fc
  .tuple(
    fc.array(fc.tuple(contextPath, contextFile), { maxLength: 8 }),
    fc.array(ignoreRule, { maxLength: 2 }),
  )
  .map(([files, rules]) => {
    const table: Record<string, FileTable[string]> = {}
    const kinds = new Map<string, 'folder' | 'file' | 'other'>()
    for (const [path, value] of files) {
      const parents = path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))
      if (
        kinds.has(path) ||
        parents.some((parent) => parent !== '' && kinds.get(parent) !== 'folder' && kinds.has(parent))
      )
        continue
      const isLink = typeof value === 'object' && 'hardlink' in value
      if (isLink && kinds.get(value.hardlink!) !== 'file') continue
      for (const parent of parents) if (parent !== '') kinds.set(parent, 'folder')
      const isFolder = typeof value === 'number'
      kinds.set(path, isFolder ? 'folder' : typeof value === 'string' ? 'other' : 'file')
      table[isFolder ? `${path}/` : path] = value
    }
    return rules.length === 0 ? table : { ...table, '.dockerignore': `${rules.join('\n')}\n` }
  })

const word = fc.constantFrom(
  '1',
  'two',
  '"a b"',
  "'$x'",
  '$x',
  '${y}',
  '${x:-d}',
  '${y:+s}',
  '${z-u}',
  '${x#t}',
  '${y%o}',
  '$x$y',
  '\\$x',
  '${x/t/T}',
)
const variable = fc.constantFrom('x', 'y', 'z', 'PATH')
const pair = fc.tuple(variable, word).map(([name, value]) => `${name}=${value}`)
const pairs = fc.array(pair, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '))

/** A source as text, or the number of a file that the context has. */
type Source = string | number
const source: fc.Arbitrary<Source> = fc.oneof(
  { weight: 8, arbitrary: fc.nat(7) },
  { weight: 1, arbitrary: contextPath },
  { weight: 3, arbitrary: fc.constantFrom('.', '/', './.', '..') },
  { weight: 3, arbitrary: fc.constantFrom('*', 'a*', '?', '*.txt', '[ab]', '*/a', '.*') },
)
const stageSource = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('/', '/*', '/?', '.') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/x', '/x/', '/real', '/usr/bin/sh', '/w', '/x/*', '/keep', '/chain'),
  },
)
const destination = fc.constantFrom(
  '/',
  '/x',
  '/x/',
  '/x/y/',
  'r',
  './',
  '/a',
  '/w/b',
  '/bin',
  '/bin/',
  '/var/run/q',
  '/chain',
  '/chain/',
  '/to-file',
  '/dangling',
  '/setgid/n',
  '/setgid/',
  '/sticky/m/',
  '/real/deep',
  '/keep',
  '/file/',
  '/folder',
  '/deep/down/file',
  '$x',
)
const flag = fc.constantFrom(
  '--chown=5:6',
  '--chown=7',
  '--chown=root',
  '--chmod=750',
  '--chmod=4711',
  '--chmod=u+x,go=',
  '--chmod=a+rX',
  '--exclude=*.txt',
  '--exclude=**/a',
  '--exclude=b',
)
const flags = fc.uniqueArray(flag, { maxLength: 2, selector: (text) => text.replace(/=.*/, '') })

interface CopyFields {
  readonly keyword: 'COPY' | 'ADD'
  readonly flags: readonly string[]
  readonly sources: readonly Source[]
  readonly to: string
  /** the number of an earlier stage, when there is one */
  readonly stage?: number
}

const copy: fc.Arbitrary<CopyFields> = fc.record({
  keyword: fc.constant('COPY'),
  flags: fc.oneof(
    { weight: 5, arbitrary: flags },
    { weight: 1, arbitrary: flags.map((list) => ['--parents', ...list]) },
  ),
  sources: fc.array(source, { minLength: 1, maxLength: 2 }),
  to: destination,
})
const add: fc.Arbitrary<CopyFields> = fc.record({
  keyword: fc.constant('ADD'),
  flags,
  sources: fc.array(source, { minLength: 1, maxLength: 2 }),
  to: destination,
})
const copyFrom: fc.Arbitrary<CopyFields> = fc.record({
  keyword: fc.constant('COPY'),
  flags,
  sources: fc.tuple(stageSource),
  to: destination,
  stage: fc.nat(2),
})

/** In the JSON form, as names have spaces. */
function copyLine({ keyword, flags: list, to }: CopyFields, sources: readonly string[]): string {
  const isMany = sources.length > 1 || list.includes('--parents') || /[*?[]/.test(sources.join(''))
  const target = isMany && !to.endsWith('/') ? `${to}/` : to
  return [keyword, ...list, JSON.stringify([...sources, target])].join(' ')
}

const heredoc = fc
  .record({ flags, to: destination, body: word })
  .map(({ flags: list, to, body }) =>
    ['COPY', ...list, '<<E', to, '\n' + body + '\nE'].join(' ').replace(' \n', '\n'),
  )

const plain = fc.oneof(
  { weight: 2, arbitrary: pairs.map((text) => `ENV ${text}`) },
  { weight: 1, arbitrary: pairs.map((text) => `ARG ${text}`) },
  { weight: 1, arbitrary: pairs.map((text) => `LABEL ${text}`) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('/w', 'r', '../s', '/bin/t', '/chain/u', '/setgid/v', '$x', '/to-file', '/')
      .map((path) => `WORKDIR ${path}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'USER 5:6',
      'USER root',
      'USER 0',
      'EXPOSE 80 81/udp',
      'EXPOSE 90-92',
      'VOLUME /v $x',
      'CMD a $x',
      'CMD ["a"]',
      'ENTRYPOINT e',
      'ENTRYPOINT ["e", "$x"]',
      'SHELL ["/s"]',
      'STOPSIGNAL 9',
      'HEALTHCHECK --retries=2 CMD h',
      'HEALTHCHECK NONE',
      'ONBUILD ENV o=1',
      'MAINTAINER me',
    ),
  },
)

const base = fc.constantFrom(
  'scratch',
  'bases.test/system',
  'bases.test/links',
  'bases.test/modes',
  'bases.test/whiteouts',
  'bases.test/implicit',
)
const stage = fc.record({
  base: fc.oneof({ weight: 3, arbitrary: base }, { weight: 1, arbitrary: fc.constant('previous') }),
  lines: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: plain },
      { weight: 3, arbitrary: copy },
      { weight: 1, arbitrary: add },
      { weight: 1, arbitrary: copyFrom },
      { weight: 1, arbitrary: heredoc },
    ),
    { maxLength: 6 },
  ),
})

export const randomCase: fc.Arbitrary<Case> = fc
  .record({
    stages: fc.array(stage, { minLength: 1, maxLength: 3 }),
    context,
    args: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('given', 'a', ''), { maxKeys: 2 }),
  })
  .map(({ stages, context: files, args }): Case => {
    const paths = Object.keys(files).map((path) => path.replace(/\/$/, ''))
    const textOf = (from: Source): string =>
      typeof from === 'string' ? from : (paths[from % Math.max(1, paths.length)] ?? '.')
    const lines = stages.flatMap(({ base: parent, lines: body }, index) => [
      `FROM ${parent === 'previous' ? (index === 0 ? 'scratch' : `s${index - 1}`) : parent} AS s${index}`,
      ...body.map((line) => {
        if (typeof line === 'string') return line
        const from = line.stage === undefined || index === 0 ? [] : [`--from=s${line.stage % index}`]
        return copyLine({ ...line, flags: [...from, ...line.flags] }, line.sources.map(textOf))
      }),
    ])
    return { name: 'random', dockerfile: `${lines.join('\n')}\n`, context: files, args }
  })
