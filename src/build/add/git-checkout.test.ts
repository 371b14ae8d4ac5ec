import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { describeNodes } from '../../../test/support/trees.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { descendants, type Tree } from '../tree.ts'
import { checkOut } from './git-checkout.ts'
import { parseGitReference } from './git-reference.ts'

const at = { file: 'Dockerfile', line: 2, column: 5 }
const backend = gitBackend()

function gitBackend(): string | undefined {
  try {
    const path = `${execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()}/git-http-backend`
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Serves the repositories of a folder as a web server with git's own program does. */
async function serveGit(root: string): Promise<AsyncDisposable & { url: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://host')
    requests.push(`${request.method} ${url.pathname}`)
    const program = spawn(backend!, {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    })
    request.pipe(program.stdin)
    const chunks: Buffer[] = []
    program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    program.once('close', () => {
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      const lines = all.subarray(0, end).toString('latin1').split('\r\n')
      const fields = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]))
      const { Status: status = '200', ...headers } = fields
      response.writeHead(Number.parseInt(status, 10), headers).end(all.subarray(end + 4))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const skip = backend === undefined && 'git with git-http-backend is not installed'

describe('checkOut', { skip }, () => {
  let folder: TemporaryFolder
  let server: Awaited<ReturnType<typeof serveGit>>
  let firstCommit: string
  let cacheCount = 0

  before(async () => {
    folder = await temporaryFolder()
    const work = folder.join('work')
    await mkdir(`${work}/docs/deep`, { recursive: true })
    const run = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: work,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: folder.path, GIT_CONFIG_NOSYSTEM: '1' },
      }).trim()
    run('init', '--quiet', '--initial-branch=main')
    await writeFile(`${work}/README`, 'one')
    await writeFile(`${work}/docs/deep/page`, 'page')
    await writeFile(`${work}/tool`, 'tool')
    await chmod(`${work}/tool`, 0o777)
    await symlink('docs', `${work}/link`)
    run('add', '.')
    run('commit', '--quiet', '--message=one')
    firstCommit = run('rev-parse', 'HEAD')
    run('tag', 'v1')
    run('tag', '--annotate', '--message=annotated', 'annotated')
    await writeFile(`${work}/README`, 'two')
    run('commit', '--quiet', '--all', '--message=two')
    run('clone', '--quiet', '--bare', work, folder.join('served/repo.git'))
    server = await serveGit(folder.join('served'))
  })

  after(async () => {
    await server?.[Symbol.asyncDispose]()
    await folder?.remove()
  })

  const newCache = (): string => folder.join(`cache-${cacheCount++}`)
  const get = (suffix: string, options: { keepGitDir?: boolean; cache?: string; checksum?: string } = {}) => {
    const { keepGitDir = false, cache = newCache(), checksum } = options
    const reference = parseGitReference(`${server.url}/repo.git${suffix}`, at)
    return checkOut(checksum === undefined ? reference : { ...reference, checksum }, {
      cache,
      keepGitDir,
      at,
    })
  }
  const list = (tree: Tree): string[] => describeNodes(descendants(tree, ''))
  const readme = (tree: Tree): string =>
    readFileSync((tree.lookup('README')!.source as { path: string }).path, 'utf8')
  const whole = [
    'f 644 0:0 README',
    'd 755 0:0 docs',
    'd 755 0:0 docs/deep',
    'f 644 0:0 docs/deep/page',
    'l 777 0:0 link -> docs',
    'f 755 0:0 tool',
  ]

  test('takes the default branch when no ref is named', async () => {
    const tree = await get('')
    assert.deepEqual(list(tree), whole)
    assert.equal(readme(tree), 'two')
  })

  for (const suffix of ['#v1', '#refs/tags/v1', '?tag=v1', '#annotated', '?tag=annotated']) {
    test(`takes ${suffix}`, async () => assert.equal(readme(await get(suffix)), 'one'))
  }

  test('takes a branch and a commit', async () => {
    assert.equal(readme(await get('#main')), 'two')
    assert.equal(readme(await get('?branch=main')), 'two')
    assert.equal(readme(await get(`#${firstCommit}`)), 'one')
  })

  test('takes one folder', async () => {
    assert.deepEqual(list(await get('#main:docs')), ['d 755 0:0 deep', 'f 644 0:0 deep/page'])
    assert.deepEqual(list(await get('?subdir=docs/deep')), ['f 644 0:0 page'])
  })

  test('does not ask again for a commit that is there', async () => {
    const cache = newCache()
    await get(`#${firstCommit}`, { cache })
    const before = server.requests.length
    assert.equal(readme(await get(`#${firstCommit}`, { cache })), 'one')
    assert.equal(server.requests.length, before)
    assert.deepEqual(
      (await readdir(`${cache}/git-1`)).filter((name) => /tmp|lock/.test(name)),
      [],
    )
  })

  test('keeps the repository when asked to', async () => {
    const tree = await get('#main', { keepGitDir: true })
    assert.equal(tree.lookup('.git/HEAD')?.type, 'file')
    assert.equal(tree.lookup('.git/logs'), undefined)
    assert.equal((await get('#main:docs', { keepGitDir: true })).lookup('.git'), undefined)
  })

  test('compares the commit with the checksum', async () => {
    assert.equal(readme(await get('#v1', { checksum: firstCommit.slice(0, 8) })), 'one')
    for (const suffix of ['#main', `#${'0'.repeat(40)}`])
      await assert.rejects(get(suffix, { checksum: firstCommit }), { code: 'CONTENT_MISMATCH', at })
  })

  test('says what is missing', async () => {
    await assert.rejects(get('#nope'), { code: 'DOWNLOAD_FAILED', message: /has no ref "nope"$/, at })
    await assert.rejects(get('#main:nope'), { code: 'SOURCE_NOT_FOUND', message: /has no folder "nope"$/ })
    await assert.rejects(get('#main:link'), { code: 'SOURCE_NOT_FOUND' })
    await assert.rejects(get(`#${'0'.repeat(40)}`), { code: 'DOWNLOAD_FAILED' })
    const reference = parseGitReference(`${server.url}/other.git`, at)
    await assert.rejects(checkOut(reference, { cache: newCache(), keepGitDir: false, at }), {
      code: 'DOWNLOAD_FAILED',
      message: `cannot look at ${server.url}/other.git: git ended with status 128`,
    })
  })

  test('gives files modes that do not depend on the umask', async () => {
    const previous = process.umask(0o077)
    try {
      const tree = await get('#v1')
      assert.equal(tree.lookup('tool')?.mode, 0o755)
      assert.equal(lstatSync((tree.lookup('README')!.source as { path: string }).path).mode & 0o777, 0o644)
    } finally {
      process.umask(previous)
    }
  })
})
