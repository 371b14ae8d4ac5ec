import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { link, mkdir, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { writeProject, type ProjectEntry } from '../../../test/support/project.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { fsPath } from '../../base/index.ts'
import { openRecipe, type Entry, type Recipe } from '../../layer/index.ts'
import { newAddSources } from '../add/add-sources.ts'
import { newContexts } from '../contexts.ts'
import type { ResolvedImage, ResolvedPlatform } from '../plan/model.ts'
import { evaluateImage, type EvaluatedImage } from './evaluate.ts'

type Files = Readonly<Record<string, string | Uint8Array | ProjectEntry>>

interface Built extends EvaluatedImage {
  /** entries of each layer: `d 755 0:0 x`, `h 644 0:0 b = a` */
  readonly shown: readonly (readonly string[])[]
  readonly recipes: readonly Recipe[]
  readonly warnings: readonly string[]
}

async function build(dockerfile: string, folder: TemporaryFolder, files: Files = {}): Promise<Built> {
  await writeProject(folder.path, { 'context/': {}, ...files })
  const path = folder.join('Dockerfile')
  await writeFile(path, dockerfile)
  const platform = { os: 'linux', architecture: 'amd64' }
  const at = { file: 'plan', line: 1, column: 1 }
  const target: ResolvedPlatform = {
    platform,
    context: folder.join('context'),
    files: undefined,
    contexts: {},
    needs: [],
  }
  const image: ResolvedImage = {
    name: 'test',
    variant: undefined,
    tags: [],
    base: false,
    dockerfile: path,
    dockerfileAt: at,
    target: undefined,
    args: {},
    ownArgs: [],
    labels: {},
    annotations: {},
    capabilities: {},
    platforms: [target],
    at,
  }
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message.replaceAll(folder.path, ''))
  const addSources = newAddSources({ cache: folder.join('cache') })
  try {
    const evaluated = await evaluateImage({
      image,
      target,
      contexts: newContexts({ root: folder.path, mtime: 0, warn }),
      buildPlatform: platform,
      mtime: 0,
      warn,
      addSources,
      resolveTarget: () => Promise.reject(new Error('there is no plan')),
      resolveBase: async () => Promise.reject(new Error('there is no base')),
    })
    const recipes = evaluated.layers.flatMap((layer) => ('blob' in layer ? [] : [layer.recipe]))
    return { ...evaluated, recipes, warnings, shown: recipes.map(({ entries }) => entries.map(showEntry)) }
  } finally {
    addSources.close()
  }
}

function showEntry({ type, mode, uid, gid, path, link: target, source }: Entry): string {
  const text = source?.kind === 'bytes' ? ` ${JSON.stringify(Buffer.from(source.bytes).toString())}` : ''
  const letter = { symlink: 'l', hardlink: 'h', fifo: 'p' }[type as string] ?? type[0]!
  return `${letter} ${mode.toString(8)} ${uid}:${gid} ${path}${target === undefined ? '' : ` = ${target}`}${text}`
}

/** The layers of a Dockerfile that stands on `FROM scratch`. */
async function layersOf(instructions: string, files?: Files): Promise<Built['shown']> {
  await using folder = await temporaryFolder()
  return (await build(`FROM scratch\n${instructions}\n`, folder, files)).shown
}

async function refusal(
  instructions: string,
  files?: Files,
): Promise<{ code: string; message: string; line: number }> {
  await using folder = await temporaryFolder()
  try {
    await build(`FROM scratch\n${instructions}\n`, folder, files)
  } catch (error) {
    const { code, message, at } = error as { code: string; message: string; at: { line: number } }
    return { code, message: message.replaceAll(folder.path, ''), line: at.line }
  }
  throw new Error('it was not refused')
}

describe('a here-document', () => {
  test('is a file of mode 0644 with the name of its delimiter', async () =>
    assert.deepEqual(await layersOf('COPY <<a.txt /etc/\nhello\na.txt'), [
      ['d 755 0:0 etc', 'f 644 0:0 etc/a.txt "hello\\n"'],
    ]))
  test('is expanded once, unless its delimiter is quoted', async () =>
    assert.deepEqual(await layersOf('ARG A=\'$B "q"\' B=b\nCOPY <<x <<"y" /d/\n$A \\$B ${B:-c}\nx\n$A\ny'), [
      ['d 755 0:0 d', 'f 644 0:0 d/x "$B \\"q\\" $B b\\n"', 'f 644 0:0 d/y "$A\\n"'],
    ]))
  test('comes after the files of its instruction, takes owner and mode, and is never excluded', async () =>
    assert.deepEqual(
      await layersOf('COPY --chown=1:2 --chmod=600 --exclude=* <<x one /d/\nhere\nx', {
        'context/one': { content: '' },
      }),
      [['d 600 1:2 d', 'f 600 1:2 d/one', 'f 600 1:2 d/x "here\\n"']],
    ))
  test('can be named like a file, and then wins', async () =>
    assert.deepEqual(await layersOf('COPY one <<one /d/\nhere\none', { 'context/one': 'there' }), [
      ['d 755 0:0 d', 'f 644 0:0 d/one "here\\n"'],
    ]))
  test('alone can be the destination itself, and be empty', async () =>
    assert.deepEqual(await layersOf('ADD <<x /f\nx'), [['f 644 0:0 f']]))
  test('with a name that is no file name is refused', async () =>
    assert.deepEqual(await refusal('COPY <<a/b /x\na/b'), {
      code: 'DOCKERFILE_INVALID',
      message: '"a/b" cannot be the name of a file',
      line: 2,
    }))
  test('stands in the history as BuildKit writes it', async () => {
    await using folder = await temporaryFolder()
    const text = 'FROM scratch\nCOPY --chmod=600 --chown=1 --link <<x one /d/\nx\nCOPY --parents o*e /p/\n'
    const { config } = await build(text, folder, { 'context/one': '1' })
    assert.deepEqual(
      config.history?.map((entry) => entry.created_by),
      ['COPY --chown=1 --chmod=600 one <<x /d/', 'COPY --parents o*e /p/'],
    )
  })
})

describe('COPY --parents', () => {
  const files: Files = {
    'context/p/q/': { mode: 0o700 },
    'context/p/q/r/one': '1',
    'context/p/q/two': '2',
    'context/p/link': { link: 'q' },
    'context/p/': { mode: 0o1777 },
  }
  const shown = (layers: Built['shown']): string[] => layers.flat().map((line) => line.replace(/ "\d"$/, ''))

  test('keeps the folders of a source with their attributes', async () =>
    assert.deepEqual(shown(await layersOf('COPY --parents p/q/r/one /x', files)), [
      'd 755 0:0 x',
      'd 1777 0:0 x/p',
      'd 700 0:0 x/p/q',
      'd 755 0:0 x/p/q/r',
      'f 644 0:0 x/p/q/r/one',
    ]))
  test('drops what is before the pivot', async () =>
    assert.deepEqual(shown(await layersOf('COPY --parents ./p/./q/t* p/q/./r/ /x/', files)), [
      'd 755 0:0 x',
      'd 700 0:0 x/q',
      'f 644 0:0 x/q/two',
      'd 755 0:0 x/r',
      'f 644 0:0 x/r/one',
    ]))
  test('knows "**" and goes with every other flag', async () =>
    assert.deepEqual(
      shown(
        await layersOf(
          'COPY --link --parents --exclude=**/two --chown=7:8 --chmod=711 p/**/o* p/q /x/',
          files,
        ),
      ),
      [
        'd 711 7:8 x', // the second source found it there
        'd 1777 7:8 x/p',
        'd 711 7:8 x/p/q',
        'd 711 7:8 x/p/q/r',
        'f 711 7:8 x/p/q/r/one',
      ],
    ))
  test('takes over only the mode where a folder on the way exists', async () => {
    const layers = await layersOf('WORKDIR /x/p/q\nCOPY --parents --chown=7 --chmod=711 p/q/two /x/', files)
    assert.deepEqual(shown(layers.slice(1)), [
      'd 755 0:0 x',
      'd 1777 0:0 x/p',
      'd 700 0:0 x/p/q',
      'f 711 7:7 x/p/q/two',
    ])
  })
  test('makes the destination when a pattern matches nothing', async () =>
    assert.deepEqual(await layersOf('COPY --parents nope* /x/', files), [['d 755 0:0 x']]))
  for (const [source, code] of [
    ['p/nope', 'SOURCE_NOT_FOUND'],
    ['p/link/two', 'SOURCE_NOT_FOUND'],
    ['p/link/./two', 'SOURCE_NOT_FOUND'],
    ['.', 'DOCKERFILE_INVALID'],
    ['p/./', 'DOCKERFILE_INVALID'],
  ] as const) {
    test(`refuses ${source}, as BuildKit does`, async () =>
      assert.equal((await refusal(`COPY --parents ${source} /x/`, files)).code, code))
  }
})

describe('COPY of what is special', () => {
  test('excludes below folders, never a file that is named', async () =>
    assert.deepEqual(
      await layersOf('COPY --exclude=*.md --exclude=d/x a.md b* d /x/', {
        'context/a.md': '',
        'context/b.md': '',
        'context/d/c.md': '',
        'context/d/x': '',
      }),
      [['d 755 0:0 x', 'f 644 0:0 x/a.md', 'f 644 0:0 x/b.md', 'f 644 0:0 x/x']],
    ))
  test('keeps setuid, setgid, sticky, empty folders and fifos, and says which socket it leaves out', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.join('context'))
    execFileSync('mkfifo', ['--mode=0622', folder.join('context/pipe')])
    const socket = createServer()
    await new Promise<void>((done) => socket.listen(folder.join('context/sock'), done))
    try {
      const { shown, warnings } = await build('FROM scratch\nCOPY . /\n', folder, {
        'context/suid': { mode: 0o6755 },
        'context/sticky/': { mode: 0o3777 },
      })
      assert.deepEqual(shown, [['p 622 0:0 pipe', 'd 3777 0:0 sticky', 'f 6755 0:0 suid']])
      assert.deepEqual(warnings, ['/context/sock is a socket and is left out'])
    } finally {
      await new Promise((done) => socket.close(done))
    }
  })
  test('keeps names that are long or no UTF-8', async () => {
    await using folder = await temporaryFolder()
    const long = `${'l'.repeat(200)}/${'n'.repeat(200)}`
    await mkdir(dirname(folder.join('context', long)), { recursive: true })
    await writeFile(folder.join('context', long), '')
    await writeFile(fsPath(`${folder.path}/context/\udcff\udcfe`), '')
    const { shown } = await build('FROM scratch\nCOPY . /x/\n', folder)
    assert.deepEqual(shown, [
      ['d 755 0:0 x', `d 755 0:0 x/${'l'.repeat(200)}`, `f 644 0:0 x/${long}`, 'f 644 0:0 x/\udcff\udcfe'],
    ])
  })
  test('takes a file of more than 8 GiB without reading it', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.join('context'))
    await writeFile(folder.join('context/big'), '')
    await truncate(folder.join('context/big'), 9 * 2 ** 30)
    const { recipes } = await build('FROM scratch\nCOPY big /\n', folder)
    const [start] = await Array.fromAsync(openRecipe(recipes[0]!, { end: 1536 } as object))
    assert.match(Buffer.from(start!).toString('latin1'), /size=9663676416\n/)
    assert.ok(recipes[0]!.size > 9 * 2 ** 30)
  })
  test('keeps hard links of one folder, also from stage to stage, and makes none between sources', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.join('context/d'), { recursive: true })
    await writeFile(folder.join('context/d/a'), 'x')
    await link(folder.join('context/d/a'), folder.join('context/d/b'))
    const text =
      'FROM scratch AS s\nCOPY d /d/\nCOPY --chmod=600 d/a /d/c\nFROM scratch\nCOPY --from=s /d /x/\nCOPY d/a d/b /y/\n'
    const { shown } = await build(text, folder)
    assert.deepEqual(shown, [
      ['d 755 0:0 x', 'f 644 0:0 x/a', 'f 600 0:0 x/c', 'h 644 0:0 x/b = x/a'],
      ['d 755 0:0 y', 'f 644 0:0 y/a', 'f 644 0:0 y/b'],
    ])
  })
  test('refuses names that mean a removed file, with the place', async () => {
    const { code, message, line } = await refusal('WORKDIR /w\nCOPY d /x/', { 'context/d/.wh.a/b': '' })
    assert.deepEqual([code, line], ['SOURCE_UNSUPPORTED', 3])
    assert.match(message, /^"\/x\/\.wh\.a(\/b)?" cannot be put into a layer/)
  })
  test('refuses a web address and a repository', async () => {
    for (const source of ['https://example.com/x', 'https://example.com/x.git', 'git@example.com:x'])
      assert.equal((await refusal(`COPY ${source} /x/`)).code, 'DOCKERFILE_INVALID')
  })
})

describe('ADD', () => {
  const tar = (folder: string, ...names: string[]): Buffer =>
    execFileSync('tar', [
      '--format=ustar',
      '--owner=5',
      '--group=6',
      '--mode=0640',
      '-c',
      '-C',
      folder,
      ...names,
    ])

  async function withArchive(instructions: string): Promise<Built> {
    await using folder = await temporaryFolder()
    await writeFile(folder.join('one'), '1')
    return await build(`FROM scratch\n${instructions}\n`, folder, {
      'context/a.bin': tar(folder.path, 'one'),
      'context/plain': 'plain',
      'context/d/a.tar': tar(folder.path, 'one'),
    })
  }

  test('copies files and folders, and unpacks archives that are named', async () =>
    assert.deepEqual((await withArchive('ADD plain a.bin d /x/')).shown, [
      ['d 755 0:0 x', 'f 644 0:0 x/a.tar', 'f 640 5:6 x/one', 'f 644 0:0 x/plain'],
    ]))
  test('makes the destination of an archive a folder', async () =>
    assert.deepEqual((await withArchive('ADD a.bin /x')).shown, [['d 755 0:0 x', 'f 640 5:6 x/one']]))
  test('unpacks nothing with --unpack=false', async () =>
    assert.deepEqual((await withArchive('ADD --unpack=false a.bin /x')).shown, [['f 644 0:0 x']]))
  test('gives what it unpacks to --chown, and says which flags do nothing', async () => {
    const { shown, warnings } = await withArchive('ADD --chown=7 --chmod=700 --exclude=one a.bin /x/')
    assert.deepEqual(shown, [['d 755 7:7 x', 'f 640 7:7 x/one']])
    assert.deepEqual(warnings, [
      '--chmod has no effect on what is unpacked from a.bin',
      '--exclude has no effect on what is unpacked from a.bin',
    ])
  })
  for (const [flags, message] of [
    ['--checksum=sha256:00 plain', /neither a web address nor a git repository/],
    ['--checksum=sha256:00 http://h/a http://h/b', /exactly one source/],
    ['--checksum=sha256:00 http://h/a', /is not sha256: with 64 hex digits/],
    ['--checksum=xyz http://h/a.git', /no commit in hexadecimal/],
    ['--keep-git-dir=true http://h/a.git?keep-git-dir=false', /--keep-git-dir of the flag and of/],
    ['--checksum=abc http://h/a.git?commit=def', /--checksum of the flag and of/],
    ['http://h/a.git?nope=1', /is no setting of a git source/],
    ['http://[/x', /is no web address/],
  ] as const) {
    test(`refuses ${flags}`, async () => {
      const found = await refusal(`ADD ${flags} /x/`, { 'context/plain': '' })
      assert.deepEqual([found.code, found.line], ['DOCKERFILE_INVALID', 2])
      assert.match(found.message, message)
    })
  }
})
