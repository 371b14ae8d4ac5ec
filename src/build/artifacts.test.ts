import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Failure } from '../base/index.ts'
import { runArtifactCommand } from './artifacts.ts'
import type { ArtifactCommand } from './plan/model.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-artifacts-')))
after(() => rmSync(directory, { recursive: true, force: true }))

function command(line: string, more: Partial<ArtifactCommand> = {}): ArtifactCommand {
  return {
    id: 'x linux/arm64',
    label: 'make x',
    platform: { os: 'linux', architecture: 'arm64' },
    argv: ['sh', '-c', line],
    env: { TARGET_ARCH: 'arm64' },
    cwd: directory,
    outputs: [],
    lock: undefined,
    ...more,
  }
}

async function failureOf(run: Promise<void>): Promise<Failure> {
  const error: unknown = await run.then(
    () => assert.fail('the command succeeded'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Failure, String(error))
  return error
}

/** Waits for the line with process ids that a command writes first. */
function pids(
  line: string,
  signal: AbortSignal,
  graceMs?: number,
): { first: Promise<number[]>; done: Promise<void> } {
  let done: Promise<void> = Promise.resolve()
  const first = new Promise<number[]>((resolve) => {
    const onOutput = (text: string) => resolve(text.trim().split(' ').map(Number))
    done = runArtifactCommand(command(line), { signal, onOutput, graceMs })
  })
  return { first, done }
}

/** Whether a process runs; one that has ended but is not yet collected by its parent does not. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

test('a command runs in its folder with its environment and hands its output on', async () => {
  let output = ''
  const outputs = [join(directory, 'made')]
  await runArtifactCommand(command('pwd; echo "$TARGET_ARCH $OUTER" >&2; echo x > made', { outputs }), {
    env: { PATH: process.env['PATH'], OUTER: 'outer', TARGET_ARCH: 'overridden' },
    onOutput: (text) => (output += text),
  })
  assert.deepEqual(output.split('\n').toSorted(), ['', directory, 'arm64 outer'].toSorted())
  assert.ok(existsSync(outputs[0]!))
})

test('a failing command is told with its status and the end of its output', async () => {
  const failure = await failureOf(runArtifactCommand(command('echo first; echo "it broke" >&2; exit 3')))
  assert.equal(failure.code, 'ARTIFACT_COMMAND')
  assert.equal(failure.message, 'artifact command "make x" for linux/arm64 failed: exit status 3')
  assert.deepEqual(failure.output?.split('\n').toSorted(), ['', 'first', 'it broke'])
  const killed = await failureOf(runArtifactCommand(command('kill -KILL $$', { platform: undefined })))
  assert.equal(killed.message, 'artifact command "make x" failed: ended by SIGKILL')
})

test('only the last 64 KiB of output are kept', async () => {
  const line =
    'i=0; while [ $i -lt 3000 ]; do echo "line $i of some sixty-four characters, so that there is much"; i=$((i+1)); done; exit 1'
  const { output = '' } = await failureOf(runArtifactCommand(command(line)))
  assert.equal(output.length, 64 * 1024)
  assert.ok(output.includes('line 2999 of'))
})

test('a program that is not there is named', async () => {
  const failure = await failureOf(runArtifactCommand(command('', { argv: ['no-such-program-x'] })))
  assert.equal(
    failure.message,
    'artifact command "make x" for linux/arm64 failed: no-such-program-x is not installed',
  )
})

test('a command that succeeds without its outputs has failed', async () => {
  const outputs = [join(directory, 'out/never')]
  const failure = await failureOf(runArtifactCommand(command('echo done', { outputs })))
  assert.equal(failure.code, 'ARTIFACT_NOT_FOUND')
  assert.equal(
    failure.message,
    'artifact command "make x" for linux/arm64 succeeded but did not leave out/never',
  )
  assert.equal(failure.output, 'done\n')
})

test('a process left in the background does not hold the run up', async () => {
  let text = ''
  await runArtifactCommand(command('sleep 30 & echo $!'), { onOutput: (more) => (text += more) })
  const pid = Number(text)
  assert.ok(isRunning(pid))
  process.kill(pid)
})

test('an abort ends the whole process group and throws the reason', async () => {
  const controller = new AbortController()
  const { first, done } = pids('sleep 30 & echo $$ $!; wait', controller.signal)
  const processes = await first
  controller.abort(new Error('stop it'))
  await assert.rejects(done, { message: 'stop it' })
  assert.equal(processes.length, 2)
  for (const pid of processes) assert.ok(!isRunning(pid), String(pid))
})

test('a command that does not mind being asked is killed after the grace', async () => {
  const controller = new AbortController()
  const { first, done } = pids('trap "" TERM; echo $$; while :; do sleep 0.05; done', controller.signal, 100)
  const [pid] = await first
  controller.abort(new Error('stop it'))
  await assert.rejects(done, { message: 'stop it' })
  assert.ok(!isRunning(pid!))
})

test('nothing is started after an abort', async () => {
  const file = join(directory, 'started')
  const run = runArtifactCommand(command('echo > started'), { signal: AbortSignal.abort(new Error('stop')) })
  await assert.rejects(run, { message: 'stop' })
  assert.ok(!existsSync(file))
})
