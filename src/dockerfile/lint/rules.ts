/**
 * The table of rules. Names and pages are BuildKit's (https://docs.docker.com/reference/build-checks/); rules that
 * begin with `Slipway` are ours. docs/lint.md shows this table, a test compares.
 */

export interface Rule {
  /** one line, for people */
  readonly description: string
  /** last part of the address of BuildKit's page */
  readonly page?: string
  /** off unless the Dockerfile turns it on with `# check=experimental=NAME` */
  readonly isExperimental?: boolean
}

export const rules = {
  ConsistentInstructionCasing: {
    description: 'all instructions are written in one case, upper or lower',
    page: 'consistent-instruction-casing',
  },
  CopyIgnoredFile: {
    description: 'COPY and ADD do not name what .dockerignore leaves out',
    page: 'copy-ignored-file',
  },
  DuplicateStageName: { description: 'no two stages have one name', page: 'duplicate-stage-name' },
  ExposeInvalidFormat: {
    description: 'EXPOSE has no IP address and no port of the host',
    page: 'expose-invalid-format',
  },
  ExposeProtoCasing: {
    description: 'the protocol of EXPOSE is in lower case',
    page: 'expose-proto-casing',
  },
  FromAsCasing: { description: 'AS is in the case of its FROM', page: 'from-as-casing' },
  FromPlatformFlagConstDisallowed: {
    description: 'FROM --platform has a variable, not a fixed platform',
    page: 'from-platform-flag-const-disallowed',
  },
  InvalidBaseImagePlatform: { description: 'a base image is for the platform that is built' },
  InvalidDefaultArgInFrom: {
    description: 'FROM names an image also when no build argument is given',
    page: 'invalid-default-arg-in-from',
  },
  InvalidDefinitionDescription: {
    description: 'a comment right above a stage or ARG begins with its name',
    page: 'invalid-definition-description',
    isExperimental: true,
  },
  JSONArgsRecommended: {
    description: 'CMD and ENTRYPOINT are JSON arrays, so that signals reach the program',
    page: 'json-args-recommended',
  },
  LegacyKeyValueFormat: {
    description: 'ENV and LABEL have "=" between name and value',
    page: 'legacy-key-value-format',
  },
  MaintainerDeprecated: {
    description: 'a label takes the place of MAINTAINER',
    page: 'maintainer-deprecated',
  },
  MultipleInstructionsDisallowed: {
    description: 'a stage has one CMD, ENTRYPOINT and HEALTHCHECK: only the last one counts',
    page: 'multiple-instructions-disallowed',
  },
  NoEmptyContinuation: {
    description: 'no empty line inside a continued instruction',
    page: 'no-empty-continuation',
  },
  RedundantTargetPlatform: {
    description: 'FROM --platform=$TARGETPLATFORM says what holds anyway',
    page: 'redundant-target-platform',
  },
  ReservedStageName: {
    description: 'no stage is called "scratch" or "context"',
    page: 'reserved-stage-name',
  },
  SecretsUsedInArgOrEnv: {
    description: 'no ARG or ENV has a name that sounds like a secret',
    page: 'secrets-used-in-arg-or-env',
  },
  SlipwayFlagIgnored: { description: 'no flag stands where the instruction ignores it' },
  SlipwayJsonForm: { description: 'what looks like a JSON array is one' },
  SlipwayNumericUser: {
    description: 'the last USER of the image is a number, which Kubernetes needs for runAsNonRoot',
    isExperimental: true,
  },
  SlipwayOnbuildUnknown: { description: 'ONBUILD has an instruction that exists' },
  StageNameCasing: { description: 'names of stages are in lower case', page: 'stage-name-casing' },
  UndefinedArgInFrom: {
    description: 'FROM uses variables that an ARG before it declares',
    page: 'undefined-arg-in-from',
  },
  UndefinedVar: { description: 'variables are defined before their use', page: 'undefined-var' },
  WorkdirRelativePath: {
    description: 'the first WORKDIR is absolute: what it would be relative to is up to the base image',
    page: 'workdir-relative-path',
  },
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof rules

export const ruleNames = Object.keys(rules) as readonly RuleName[]

export function ruleOf(name: RuleName): Rule {
  return rules[name]
}

/** Address of the page that explains a rule; ours have none. */
export function rulePage(name: RuleName): string | undefined {
  const { page } = ruleOf(name)
  return page === undefined ? undefined : `https://docs.docker.com/go/dockerfile/rule/${page}/`
}
