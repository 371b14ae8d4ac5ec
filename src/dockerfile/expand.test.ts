import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/index.ts'
import { expandHeredoc, expandWord, expandWords } from './expand.ts'

const env = new Map([
  ['home', '/root'],
  ['empty', ''],
  ['arch', 'arm64'],
  ['path', '/a/b/c.tar.gz'],
  ['star', '*'],
  ['spaced', 'one  two '],
  ['語', 'に'],
])

describe('expandWord', () => {
  const cases: [word: string, text: string][] = [
    // text, quotes, escapes
    ['', ''],
    ['plain', 'plain'],
    ["a'b c'd", 'ab cd'],
    ['a"b c"d', 'ab cd'],
    [`'"'"'"`, `"'`],
    ["''", ''],
    ['a\\ b', 'a b'],
    ["it\\'s", "it's"],
    ['a\\tb', 'atb'],
    ['"a\\tb"', 'a\\tb'],
    ['"a\\"b\\\\c\\$d"', 'a"b\\c$d'],
    ["'a\\b$home'", 'a\\b$home'],
    ["'a\\'", 'a\\'],
    ['a\\', 'a'],
    ['a\\\\', 'a\\'],
    ['日本\\語', '日本語'],
    ['\\😀', '😀'],
    // plain references
    ['$home', '/root'],
    ['${home}', '/root'],
    ['x${home}y$arch.z', 'x/rootyarm64.z'],
    ['$homes', ''],
    ['$語x', ''],
    ['${語}x', 'にx'],
    ['"$home"', '/root'],
    ['"\'$home\'"', "'/root'"],
    ['\\$home', '$home'],
    ['\\\\$home', '\\/root'],
    ['\\${home}', '${home}'],
    ['$', '$'],
    ['$.', '$.'],
    ['a$ b', 'a$ b'],
    ['$1a', 'a'],
    ['$12a', 'a'],
    ['$@@', '@'],
    ['${@}a', 'a'],
    ['${?:-x}', 'x'],
    ['$$home', 'home'],
    ['${home}}', '/root}'],
    // defaults and alternatives
    ['${none:-x}', 'x'],
    ['${none-x}', 'x'],
    ['${empty:-x}', 'x'],
    ['${empty-x}', ''],
    ['${home:-x}', '/root'],
    ['${none:+x}', ''],
    ['${none+x}', ''],
    ['${empty:+x}', ''],
    ['${empty+x}', 'x'],
    ['${home:+x}', 'x'],
    ['${none:-}', ''],
    ['${none:-${empty:-$home}}', '/root'],
    ['${none:-"a b"}', 'a b'],
    ['${none:-a\\}b}', 'a}b'],
    ["${none:-'}'}", '}'],
    ['${none:-{a}', '{a'],
    ['x${arch:+-${arch}}', 'x-arm64'],
    ['${home:?no}', '/root'],
    ['${empty?no}', ''],
    // prefixes and suffixes
    ['${path#*/}', 'a/b/c.tar.gz'],
    ['${path##*/}', 'c.tar.gz'],
    ['${path%.*}', '/a/b/c.tar'],
    ['${path%%.*}', '/a/b/c'],
    ['${path#/a}', '/b/c.tar.gz'],
    ['${path#x}', '/a/b/c.tar.gz'],
    ['${path#}', '/a/b/c.tar.gz'],
    ['${path##}', '/a/b/c.tar.gz'],
    ['${path#?}', 'a/b/c.tar.gz'],
    ['${path%??}', '/a/b/c.tar.'],
    ['${path#$home}', '/a/b/c.tar.gz'],
    ['${star#\\*}', ''],
    ['${path#\\*}', '/a/b/c.tar.gz'],
    ['${path%%$star}', ''],
    ['${none#x}', ''],
    ['${path#[/]}', '/a/b/c.tar.gz'],
    ['v${arch#arm}', 'v64'],
    // replacements
    ['${path/\\//-}', '-a/b/c.tar.gz'],
    ['${path//\\//-}', '-a-b-c.tar.gz'],
    ['${path/a/X}', '/X/b/c.tar.gz'],
    ['${path//a/X}', '/X/b/c.tXr.gz'],
    ['${path/x/y}', '/a/b/c.tar.gz'],
    ['${path/b*/}', '/a/'],
    ['${path/?.tar/$arch}', '/a/b/arm64.gz'],
    ['${arch//?/x}', 'xxxxx'],
    ['${arch//m/$0$0}', 'ar64'],
    ['${none/a/b}', ''],
    ['${path//a/}', '//b/c.tr.gz'],
  ]
  for (const [word, text] of cases) {
    it(`makes ${JSON.stringify(text)} of ${word === '' ? 'nothing' : word}`, () => {
      assert.equal(expandWord(word, env, '\\').text, text)
    })
  }

  const withBacktick: [word: string, text: string][] = [
    ['c:\\a\\$arch', 'c:\\a\\arm64'],
    ['`$home', '$home'],
    ['a` b', 'a b'],
    ['"`"`$`a"', '"$`a'],
    ['${none:-a`}b}', 'a}b'],
  ]
  for (const [word, text] of withBacktick) {
    it(`makes ${text} of ${word} when the backtick escapes`, () => {
      assert.equal(expandWord(word, env, '`').text, text)
    })
  }

  it('puts matches in for $0 when it replaces all', () => {
    const values = new Map([
      ['text', 'a1b2'],
      ['twice', '<$0$0>'],
      ['others', '$1${x}$$0$'],
    ])
    assert.equal(expandWord('${text//?/$twice}', values, '\\').text, '<aa><11><bb><22>')
    assert.equal(expandWord('${text/?/$twice}', values, '\\').text, '<$0$0>1b2')
    assert.equal(expandWord('${text//b/$others}', values, '\\').text, 'a1$0$2')
  })

  const refused: [word: string, message: RegExp][] = [
    ["a'b", /single quote/u],
    ['a"b', /double quote/u],
    ['"a\\"', /double quote/u],
    ['${', /"\}" is missing/u],
    ['${a', /"\}" is missing/u],
    ['${a:', /"\}" is missing/u],
    ['${a:-b', /"\}" is missing/u],
    ['${}', /variable name/u],
    ['${{a}', /variable name/u],
    ['${:-a}', /variable name/u],
    ['${.}', /modifier "\."/u],
    ['${a!}', /modifier "!"/u],
    ['${a=b}', /modifier "="/u],
    ['${a:=b}', /modifier ":="/u],
    ['${a:b}', /modifier ":b"/u],
    ['${home:#b}', /modifier ":#"/u],
    ['${home:%b}', /modifier ":%"/u],
    ['${home:/a/b}', /modifier ":\/"/u],
    ['${none:?}', /none: is not allowed to be unset/u],
    ['${empty:?}', /empty: is not allowed to be empty/u],
    ['${none?the $arch one}', /none: the arm64 one/u],
    ['${home/a}', /"\/" is missing/u],
    ['${home/a/b', /"\}" is missing/u],
    ['${home#\\a}', /invalid escape "\\a"/u],
    ['${home%a\\\\\\a}', /invalid escape/u],
    [`${'${a:-'.repeat(1000)}x${'}'.repeat(1000)}`, /nests more than 500/u],
  ]
  for (const [word, message] of refused) {
    it(`refuses ${word.slice(0, 40)}`, () => {
      const place = { file: 'Dockerfile', line: 3, column: 4 }
      assert.throws(
        () => expandWord(word, env, '\\', { place }),
        (error) => {
          assert.ok(error instanceof Failure)
          assert.equal(error.code, 'DOCKERFILE_INVALID')
          assert.equal(error.at, place)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  it('tells which variables were used and which were not set', () => {
    const { used, unmatched } = expandWord(
      '$home ${none:-$other} "${empty+$arch}" \'$path\' \\$path',
      env,
      '\\',
    )
    assert.deepEqual([...used], ['home', 'arch', 'empty'])
    assert.deepEqual([...unmatched], ['other', 'none'])
  })

  it('expands any text or throws a failure', () => {
    const parts = fc.constantFrom(...'$,{,},${,home,:-,#,%,/,*,?,\\,",\',`, ,a,😀,<,\n'.split(','))
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((each) => each.join('')),
    )
    fc.assert(
      fc.property(word, fc.string(), fc.constantFrom('\\', '`'), (text, value, escape) => {
        try {
          expandWord(text, new Map([['home', value]]), escape)
        } catch (error) {
          assert.ok(error instanceof Failure)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('gives single-quoted text back as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bare = text.replaceAll("'", '')
        assert.equal(expandWord(`'${bare}'`, env, '\\').text, bare)
      }),
    )
  })
})

describe('expandWords', () => {
  const cases: [word: string, words: string[]][] = [
    ['', []],
    ['a', ['a']],
    ['a b', ['a', 'b']],
    [' a \t b ', ['a', 'b']],
    ['a$spaced', ['aone', 'two']],
    ['${spaced}b', ['one', 'two', 'b']],
    ['"$spaced"b', ['one  two b']],
    ['a"b c" d', ['ab c', 'd']],
    ['a\\ b', ['a b']],
    ["'a b'", ['a b']],
    ['""', []],
    ['a"" b', ['a', 'b']],
    ['$none', []],
    ['80${none:-80}', ['8080']],
    ['a\u2003b', ['a', 'b']],
  ]
  for (const [word, words] of cases) {
    it(`makes ${JSON.stringify(words)} of ${JSON.stringify(word)}`, () => {
      assert.deepEqual(expandWords(word, env, '\\').words, words)
    })
  }
})

describe('expandHeredoc', () => {
  const cases: [content: string, text: string][] = [
    ['it\'s "$home"\n', 'it\'s "/root"\n'],
    ['a\\$home\\\\b\\c\n', 'a$home\\bc\n'],
    ['${none:-"x"}', '"x"'],
    ['<< <<< a', '<< <<< a'],
  ]
  for (const [content, text] of cases) {
    it(`makes ${JSON.stringify(text)} of ${JSON.stringify(content)}`, () => {
      assert.equal(expandHeredoc(content, env).text, text)
    })
  }
})
