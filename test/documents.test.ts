/** Documents for people: links lead somewhere, the README names every page, decisions have numbers of their own. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const markdownIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, folder, name))
const pages = ['.', 'docs', 'docs/adr'].flatMap(markdownIn)

/** Text outside of code blocks. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^( *)```[^]*?^\1```$/gm, '')
}

function linksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!)
}

/** The names GitHub gives to headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('links to files and headings of this repository lead there', () => {
  let count = 0
  const broken: string[] = []
  for (const page of pages) {
    for (const link of linksOf(page)) {
      if (/^https?:/.test(link)) continue
      count++
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : resolve(dirname(page), path)
      const leads = existsSync(target) && (anchor === undefined || anchorsOf(target).includes(anchor))
      if (!leads) broken.push(`${relative(root, page)}: ${link}`)
    }
  }
  assert.ok(count > 10, 'no links were seen')
  assert.deepEqual(broken, [])
})

test('decisions named by path or number exist', () => {
  const decisions = markdownIn('docs/adr').map((path) => basename(path))
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'src', name))
  const named = [...pages, ...sources].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\badr\/([\w-]+\.md)/g)].map(([, name]) => name!),
  )
  assert.ok(named.length > 3, 'no decisions are named')
  assert.deepEqual(
    named.filter((name) => !decisions.includes(name)),
    [],
  )
})

test('decisions are numbered without a gap, as their titles are', () => {
  const numbers = markdownIn('docs/adr').map((path) => {
    const [, title] = /^# (\d+)\. /.exec(readFileSync(path, 'utf8')) ?? []
    return [Number(basename(path).slice(0, 4)), Number(title)]
  })
  assert.deepEqual(
    numbers.toSorted(([a = 0], [b = 0]) => a - b),
    numbers.map((_, index) => [index + 1, index + 1]),
  )
})

test('the README leads to every page', () => {
  const readme = join(root, 'README.md')
  const linked = new Set(linksOf(readme).map((link) => resolve(root, link)))
  const missing = pages.filter((page) => dirname(page) !== join(root, 'docs/adr') && page !== readme)
  assert.deepEqual(
    missing.filter((page) => !linked.has(page)).map((page) => relative(root, page)),
    [],
  )
})
