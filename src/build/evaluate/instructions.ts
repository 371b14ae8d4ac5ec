/**
 * What each instruction does to a stage (Dockerfile reference; BuildKit's dockerfile2llb decides where the reference
 * is silent). COPY and WORKDIR change the tree and live in `copy-instruction.ts`; the rest edits the config.
 */
import { Failure } from '../../base/index.ts'
import { expandWord, expandWords, type Instruction, type Keyword, type Word } from '../../dockerfile/index.ts'
import type { Healthcheck, RunConfig } from '../../oci/index.ts'
import { applyAdd, applyCopy, applyWorkdir } from './copy-instruction.ts'
import type { InstructionContext } from './instruction-context.ts'
import { parsePorts } from './ports.ts'
import { replaceEnv } from './scope.ts'
import { checkSignal } from './signals.ts'
import { addHistory, runConfig, withShell, type StageState } from './stage-state.ts'

/** The instruction type of a keyword. */
type InstructionOf<K extends Keyword> = Extract<Instruction, { readonly keyword: K }>

type Handlers = {
  readonly [K in Keyword]: (
    state: StageState,
    instruction: InstructionOf<K>,
    context: InstructionContext,
  ) => Promise<void> | void
}

/** Applies one instruction of a stage other than its FROM. @throws Failure with the place of the instruction */
export function applyInstruction(
  state: StageState,
  instruction: Instruction,
  context: InstructionContext,
): Promise<void> | void {
  const handler = handlers[instruction.keyword] as (
    state: StageState,
    instruction: Instruction,
    context: InstructionContext,
  ) => Promise<void> | void
  return handler(state, instruction, context)
}

const handlers: Handlers = {
  FROM: refuse,
  RUN: refuse,
  ADD: applyAdd,
  COPY: applyCopy,
  WORKDIR: applyWorkdir,
  ARG(state, { pairs }, context) {
    // The name of an argument is taken as written, as BuildKit takes it.
    const texts = pairs.map(({ name: { text: name }, value }) => {
      const given = context.buildArgs[name]
      const chosen = given ?? (value ? expand(state, value, context) : context.globals.get(name))
      if (chosen !== undefined) state.scope.set(name, chosen)
      return chosen === undefined ? name : `${name}=${chosen}`
    })
    note(state, context, `ARG ${texts.join(' ')}`)
  },
  ENV(state, { pairs }, context) {
    // All pairs of one instruction see the state before it.
    const expanded = pairs.map(
      ({ name, value }) => [expand(state, name, context), expand(state, value, context)] as const,
    )
    const config = runConfig(state)
    for (const [name, value] of expanded) {
      state.scope.set(name, value)
      config.Env = replaceEnv(config.Env, name, value)
    }
    note(state, context, `ENV ${expanded.map(([name, value]) => `${name}=${value}`).join(' ')}`)
  },
  LABEL(state, { pairs }, context) {
    const expanded = pairs.map(
      ({ name, value }) => [expand(state, name, context), expand(state, value, context)] as const,
    )
    const config = runConfig(state)
    config.Labels = { ...config.Labels, ...Object.fromEntries(expanded) }
    note(state, context, `LABEL ${expanded.map(([name, value]) => `${name}=${value}`).join(' ')}`)
  },
  USER(state, { user }, context) {
    const text = expand(state, user, context)
    if (text === '') delete runConfig(state).User
    else runConfig(state).User = text
    note(state, context, `USER ${text}`)
  },
  ENTRYPOINT(state, { exec, shell }, context) {
    const command = exec ?? withShell(state, shell)
    setCommand(runConfig(state), 'Entrypoint', command)
    if (!state.hasOwnCmd) delete runConfig(state).Cmd
    note(state, context, `ENTRYPOINT ${quoted(command)}`)
  },
  CMD(state, { exec, shell }, context) {
    const command = exec ?? withShell(state, shell)
    const config = runConfig(state)
    setCommand(config, 'Cmd', command)
    // A field of Windows that BuildKit writes for every CMD.
    config['ArgsEscaped'] = true
    state.hasOwnCmd = true
    note(state, context, `CMD ${quoted(command)}`)
  },
  SHELL(state, { exec }, context) {
    runConfig(state).Shell = [...exec]
    note(state, context, `SHELL [${exec.join(' ')}]`)
  },
  EXPOSE(state, { ports }, context) {
    const all = ports.flatMap((word) =>
      expandAll(state, word, context).flatMap((text) => parsePorts(text, word.place)),
    )
    const config = runConfig(state)
    if (all.length > 0) {
      config.ExposedPorts = {
        ...config.ExposedPorts,
        ...Object.fromEntries(all.toSorted().map((port) => [port, {}])),
      }
    }
    note(state, context, `EXPOSE [${all.join(' ')}]`)
  },
  VOLUME(state, { volumes }, context) {
    const all = volumes.map((word) => {
      const path = expand(state, word, context)
      if (path !== '') return path
      throw new Failure('DOCKERFILE_INVALID', 'a VOLUME path is empty', { at: word.place })
    })
    const config = runConfig(state)
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(all.map((path) => [path, {}])) }
    note(state, context, `VOLUME [${all.join(' ')}]`)
  },
  STOPSIGNAL(state, { signal }, context) {
    const text = expand(state, signal, context)
    checkSignal(text, signal.place)
    runConfig(state).StopSignal = text
    note(state, context, `STOPSIGNAL ${text}`)
  },
  HEALTHCHECK(state, instruction, context) {
    runConfig(state).Healthcheck = healthcheckOf(instruction)
    note(state, context, instruction.original)
  },
  ONBUILD(state, { trigger }) {
    const config = runConfig(state)
    config.OnBuild = [...(config.OnBuild ?? []), trigger]
  },
  MAINTAINER(state, { maintainer }, context) {
    state.config.author = maintainer.text
    note(state, context, `MAINTAINER ${state.config.author}`)
  },
}

function refuse(_state: StageState, instruction: Instruction): never {
  throw new Failure('DOCKERFILE_UNSUPPORTED', `${instruction.keyword} is not supported here`, {
    at: instruction.place,
  })
}

/** A list of no words is as good as no command. */
function setCommand(config: RunConfig, key: 'Cmd' | 'Entrypoint', command: readonly string[]): void {
  if (command.length === 0) delete config[key]
  else config[key] = [...command]
}

/** Notes an instruction that has no layer. */
function note(state: StageState, context: InstructionContext, createdBy: string): void {
  addHistory(state, {
    created: context.created,
    created_by: createdBy,
    comment: context.historyComment,
    empty_layer: true,
  })
}

function expand(state: StageState, word: Word, { escape }: InstructionContext): string {
  return expandWord(word.text, state.scope, escape, { place: word.place }).text
}

function expandAll(state: StageState, word: Word, { escape }: InstructionContext): readonly string[] {
  return expandWords(word.text, state.scope, escape, { place: word.place }).words
}

/** Durations in nanoseconds, 0 = inherit (Docker image spec, "Healthcheck"). */
function healthcheckOf(instruction: InstructionOf<'HEALTHCHECK'>): Healthcheck {
  if (instruction.kind === 'NONE') return { Test: ['NONE'] }
  const { exec, shell, interval, timeout, startPeriod, startInterval, retries } = instruction
  return {
    Test: exec ? ['CMD', ...exec] : ['CMD-SHELL', shell],
    ...(interval > 0 && { Interval: interval }),
    ...(timeout > 0 && { Timeout: timeout }),
    ...(startPeriod > 0 && { StartPeriod: startPeriod }),
    ...(startInterval > 0 && { StartInterval: startInterval }),
    ...(retries > 0 && { Retries: retries }),
  }
}

/** Go's `%q` of a list, as builders write commands into history. */
function quoted(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`
}
