import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile, splitStages } from '../../dockerfile/index.ts'
import { canReadContext, contextReads } from './context-reads.ts'

function instructionsOf(text: string) {
  return splitStages(parseDockerfile(`FROM x\n${text}\n`, 'Dockerfile')).stages[0]!.instructions
}

test('single files and folders are what COPY and ADD can read', () => {
  const cases: Record<string, readonly string[] | undefined> = {
    'COPY a b/c /': ['a', 'b/c'],
    'COPY ./d/ /x\nCOPY d/e f /y\nRUN true': ['d', 'f'],
    'ADD /x.tar /': ['x.tar'],
    'COPY --from=other . /\nCOPY a /': ['a'],
    'COPY . /': undefined,
    'COPY *.txt /': undefined,
    'COPY ${X} /': undefined,
    'COPY a /\nRUN --mount=type=bind,target=/src true': undefined,
  }
  for (const [text, expected] of Object.entries(cases))
    assert.deepEqual(contextReads(instructionsOf(text)), expected, text)
})

test('a stage without any of them cannot read the context', () => {
  const some = (text: string) => instructionsOf(text).some((instruction) => canReadContext(instruction))
  assert.ok(!some('RUN true\nENV A=b\nCOPY --from=x /a /\nCOPY <<EOF /f\ntext\nEOF'))
  assert.ok(some('RUN --mount=type=bind,target=/s true'))
  assert.ok(some('COPY a /'))
  assert.ok(some('ADD a /'))
})
