import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const only = (text: string) => parseDockerfile(text, 'Dockerfile').instructions[0]!

describe('WORKDIR, USER, STOPSIGNAL and MAINTAINER', () => {
  it('take the rest of the line as one word', () => {
    const workdir = only('WORKDIR  /a  "b $c" ')
    assert.ok(workdir.keyword === 'WORKDIR')
    assert.equal(workdir.path.text, '/a  "b $c"')
    const user = only('USER a:b')
    assert.ok(user.keyword === 'USER')
    assert.equal(user.user.text, 'a:b')
    const stop = only('STOPSIGNAL SIGTERM')
    assert.ok(stop.keyword === 'STOPSIGNAL')
    assert.equal(stop.signal.text, 'SIGTERM')
    const maintainer = only('MAINTAINER Me <me@example.com>')
    assert.ok(maintainer.keyword === 'MAINTAINER')
    assert.equal(maintainer.maintainer.text, 'Me <me@example.com>')
  })

  for (const keyword of ['WORKDIR', 'USER', 'STOPSIGNAL', 'MAINTAINER', 'EXPOSE', 'VOLUME']) {
    it(`are refused without an argument: ${keyword}`, () => {
      assert.throws(() => only(keyword), Failure)
      assert.throws(() => only(`${keyword} \t`), Failure)
    })
  }
})

describe('EXPOSE', () => {
  it('has its words in byte order', () => {
    const expose = only('EXPOSE 90/udp $b  80 ${a:-1} 8-9')
    assert.ok(expose.keyword === 'EXPOSE')
    assert.deepEqual(
      expose.ports.map(({ text, place }) => [text, place.column]),
      [
        ['$b', 15],
        ['${a:-1}', 22],
        ['8-9', 30],
        ['80', 19],
        ['90/udp', 8],
      ],
    )
  })
})

describe('VOLUME', () => {
  for (const [rest, volumes] of [
    ['/a /b', ['/a', '/b']],
    ['["/a", " /b c "]', ['/a', '/b c']],
    ['"/a b"', ['"/a', 'b"']],
  ] as const) {
    it(`reads ${rest}`, () => {
      const volume = only(`VOLUME ${rest}`)
      assert.ok(volume.keyword === 'VOLUME')
      assert.deepEqual(
        volume.volumes.map(({ text }) => text),
        volumes,
      )
    })
  }

  for (const line of ['VOLUME []', 'VOLUME [""]', 'VOLUME ["/a", " "]', 'VOLUME [1]']) {
    it(`refuses ${line}`, () => assert.throws(() => only(line), Failure))
  }
})
