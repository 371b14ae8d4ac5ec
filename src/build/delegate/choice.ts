/** Builders that stages with RUN may be handed to, as a plan or `--delegate` names them. */

/** The builders there are, in the order `auto` tries them. */
export const builderNames = ['buildctl', 'buildx', 'docker', 'buildah'] as const

export type BuilderName = (typeof builderNames)[number]

/** `auto`: the first that answers. */
export const delegateChoices = ['auto', ...builderNames] as const

export type DelegateChoice = (typeof delegateChoices)[number]

/** What a plan may say: a builder, or that there is to be none. */
export type DelegateSetting = DelegateChoice | 'never'
