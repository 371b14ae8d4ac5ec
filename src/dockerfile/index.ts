/** Dockerfiles as data: parsing, stages, expansion of variables, file patterns, .dockerignore. No I/O. */
export { parseDockerfile, parseInstruction } from './dockerfile.ts'
export {
  expandHeredoc,
  expandWord,
  expandWords,
  type Expanded,
  type ExpandedWords,
  type ExpandOptions,
} from './expand.ts'
export { ignoreRules, type IgnoreRules, parseIgnore } from './ignore.ts'
export type {
  AddInstruction,
  ArgInstruction,
  CmdInstruction,
  CommandForm,
  CopyInstruction,
  Directive,
  Dockerfile,
  EntrypointInstruction,
  EnvInstruction,
  Escape,
  ExposeInstruction,
  FromInstruction,
  HealthcheckInstruction,
  Heredoc,
  Instruction,
  Keyword,
  LabelInstruction,
  MaintainerInstruction,
  OnbuildInstruction,
  Pair,
  RunInstruction,
  ShellInstruction,
  SourcesAndDestination,
  StageInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
  Warning,
  Word,
  WorkdirInstruction,
} from './instruction.ts'
export type { Environment } from './lexer.ts'
export type { Finding, LintBase, LintOptions, LintPlatform, LintReport } from './lint/finding.ts'
export { lintDockerfile } from './lint/lint.ts'
export { ruleNames, ruleOf, rulePage, type Rule, type RuleName } from './lint/rules.ts'
export { compileMatch, hasMeta, matchPath, type MatchOptions } from './match.ts'
export { splitStages, type Stage, type Stages } from './stages.ts'
