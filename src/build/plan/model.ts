/**
 * The plan of `slipway bake`: what a plan file says (`Plan`), what the command line picks from it (`Selection`) and
 * the builds that follow (`ResolvedPlan`). All formats of plan files are read into the same model.
 * How files become a build context: docs/adr/0003-virtual-context.md.
 */
import type { Place } from '../../base/index.ts'
import type { Platform } from '../../oci/index.ts'
import type { AttestOptions } from '../attest/attest-options.ts'
import type { DelegateChoice, DelegateSetting } from '../delegate/choice.ts'
import type { ReleaseRules } from './release-rules.ts'

/** A text of the plan file as written, with `${VAR}` in it, and where it stands. */
export interface PlanText {
  readonly text: string
  readonly at: Place
  /** to be taken as it is, nothing in it is a variable */
  readonly isLiteral?: boolean
}

/** Something of the plan that is not quite as the reader may expect; the run goes on. */
export interface PlanWarning {
  readonly message: string
  readonly at?: Place
  readonly hint?: string
}

export interface PlanVariant {
  readonly name: string
  /** this variant has the unsuffixed tag; at most one variant of a plan has it */
  readonly isDefault: boolean
  readonly args: ReadonlyMap<string, PlanText>
  readonly target: PlanText | undefined
  readonly at: Place
}

/** A file or folder of a virtual context; `to` renames it there. */
export interface PlanFile {
  readonly from: PlanText
  readonly to: PlanText | undefined
}

/** A command that makes artifacts, run in the project root. */
export interface PlanArtifact {
  readonly name: string
  /** a shell line, an argument list, or targets for make */
  readonly run:
    | { readonly kind: 'shell'; readonly line: PlanText }
    | { readonly kind: 'argv'; readonly argv: readonly PlanText[] }
    | { readonly kind: 'make'; readonly targets: readonly PlanText[] }
  readonly env: ReadonlyMap<string, PlanText>
  readonly outputs: readonly PlanText[]
  /** once for each platform, or once in all */
  readonly isPerPlatform: boolean
  readonly at: Place
}

export interface PlanImage {
  readonly name: string
  readonly dockerfile: PlanText
  /** the build context; absent: a virtual context of `files`, `targets` and outputs of `artifacts` */
  readonly context: PlanText | undefined
  readonly files: readonly PlanFile[]
  /** make targets that are files of the context too */
  readonly targets: readonly PlanText[]
  readonly artifacts: readonly PlanText[]
  readonly contexts: ReadonlyMap<string, PlanText>
  /** names of variants; an empty list: one build with no variant; absent: all variants of the plan */
  readonly variants: readonly PlanText[] | undefined
  readonly platforms: readonly PlanText[] | undefined
  readonly target: PlanText | undefined
  readonly args: ReadonlyMap<string, PlanText>
  readonly labels: ReadonlyMap<string, PlanText>
  readonly annotations: ReadonlyMap<string, PlanText>
  /** file capabilities by path in the image */
  readonly capabilities: ReadonlyMap<string, PlanText>
  /** other images stand on it: built when asked for by name or when a selected image needs it */
  readonly isBase: boolean
  /** cannot be built for other platforms than those this machine runs */
  readonly emulationRequired: boolean
  /** which builder may do stages with RUN; absent: as the plan says */
  readonly delegate: DelegateSetting | undefined
  /** names in full; absent: hubs and tags of the plan with the name of the image */
  readonly references?: readonly PlanText[]
  /** the Dockerfile itself; `dockerfile` is then its name alone */
  readonly dockerfileInline?: PlanText
  /** where this image goes, each as `-o` takes it; absent: where the run goes */
  readonly outputs?: readonly PlanText[] | undefined
  /** fields of the plan that mean something to commands only, and that builders are not told */
  readonly commandFields?: readonly CommandField[]
  /** documents about this image; absent: as the plan says */
  readonly attest?: AttestOptions
  /** hash everything again; default false */
  readonly noCache?: boolean
  /** what to do with it: `build`, or `check` to lint its Dockerfile. Default: build */
  readonly call?: string
  readonly at: Place
}

/** Such as `secret`, and where it stands. */
export interface CommandField {
  readonly field: string
  readonly at: Place
}

/** A plan file as read, nothing expanded yet. Pure data, but for `env`, the environment it was read under. */
export interface Plan {
  readonly format: 'slipway' | 'istio' | 'bake'
  /** path of the plan file as shown to the user */
  readonly file: string
  /** project root, absolute: paths of the plan are relative to it */
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hubs: readonly PlanText[]
  readonly tags: readonly PlanText[]
  readonly platforms: readonly PlanText[]
  readonly args: ReadonlyMap<string, PlanText>
  readonly labels: ReadonlyMap<string, PlanText>
  readonly annotations: ReadonlyMap<string, PlanText>
  readonly variants: readonly PlanVariant[]
  readonly artifacts: readonly PlanArtifact[]
  readonly images: readonly PlanImage[]
  /** which builder may do stages with RUN; absent: none */
  readonly delegate: DelegateSetting | undefined
  /** named sets of images and of other groups */
  readonly groups: ReadonlyMap<string, readonly PlanText[]>
  /** images and variants built when none is named; absent: all images that are no bases, all variants */
  readonly defaults: { readonly images?: readonly string[]; readonly variants?: readonly string[] }
  /** default: no rules */
  readonly release?: ReleaseRules
  readonly warnings: readonly PlanWarning[]
}

/** What the command line picks; an absent field leaves the choice to the plan. */
export interface Selection {
  /** names of images or groups */
  readonly images?: readonly string[]
  readonly hubs?: readonly string[]
  readonly tags?: readonly string[]
  /** names of variants; `default` is the default variant under its unsuffixed tag */
  readonly variants?: readonly string[]
  readonly platforms?: readonly string[]
  /** build arguments that win over all of the plan */
  readonly args?: Readonly<Record<string, string>>
  /** labels that win over all of the plan */
  readonly labels?: Readonly<Record<string, string>>
  /** builder for stages with RUN; wins over all of the plan */
  readonly delegate?: DelegateChoice
}

/** One run of one artifact command. The same object is shared by all images that need it. */
export interface ArtifactCommand {
  /** unique in a run, such as `agent linux/arm64` or `make linux/amd64` */
  readonly id: string
  /** for people, such as `make pilot-agent pilot-discovery` */
  readonly label: string
  /** absent for a command that runs once in all */
  readonly platform: Platform | undefined
  readonly argv: readonly string[]
  /** added to the environment of the process, TARGET_OS and friends included */
  readonly env: Readonly<Record<string, string>>
  /** absolute */
  readonly cwd: string
  /** absolute paths it should leave behind */
  readonly outputs: readonly string[]
  /** commands with the same lock must not run at the same time (two `make` in one tree) */
  readonly lock: string | undefined
  /** the place of the artifact in the plan; absent when several ask for it */
  readonly at?: Place
}

/** One file or folder of a virtual context. */
export interface ContextFile {
  /** path in the context, such as `envoy.json` or `amd64/pilot-agent` */
  readonly name: string
  /** second name it answers to unless another file has that as its name: `pilot-agent` */
  readonly alias: string | undefined
  /** absolute path of the file or folder on this machine */
  readonly source: string
  /** the text of the plan it comes from, for messages */
  readonly from: PlanText
  /** the text mentions the platform, so every platform has its own file */
  readonly architectureSpecific: boolean
}

export interface ResolvedPlatform {
  readonly platform: Platform
  /** the virtual context; absent when `context` is a folder */
  readonly files: readonly ContextFile[] | undefined
  /** absolute path of the context folder */
  readonly context: string | undefined
  /** named contexts: absolute folders, or `docker-image://...`, `target:NAME` and the like as written */
  readonly contexts: Readonly<Record<string, string>>
  /** must have run before files are read */
  readonly needs: readonly ArtifactCommand[]
}

/** One image in one variant: one build per platform, published under all `tags`. */
export interface ResolvedImage {
  readonly name: string
  /** absent when the plan or the image has no variants */
  readonly variant: string | undefined
  /** full references, every hub with every tag */
  readonly tags: readonly string[]
  readonly base: boolean
  /** absolute path */
  readonly dockerfile: string
  /** the place in the plan that names the Dockerfile; absent without a plan */
  readonly dockerfileAt: Place | undefined
  /** text of the Dockerfile; absent: it is in the file */
  readonly dockerfileInline?: string | undefined
  /** stage to build; absent: the last one */
  readonly target: string | undefined
  readonly args: Readonly<Record<string, string>>
  /** names of the arguments that were given for this very image, so that its Dockerfile should declare them */
  readonly ownArgs: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** file capabilities by path in the image, as setcap(8) writes them */
  readonly capabilities: Readonly<Record<string, string>>
  readonly platforms: readonly ResolvedPlatform[]
  /** which builder may do stages with RUN; absent: RUN is refused */
  readonly delegate?: DelegateChoice | undefined
  /** where it goes, each as `-o` takes it; absent: where the run goes */
  readonly outputs?: readonly PlanText[] | undefined
  /** what the plan says about commands, and builders are not told; absent: nothing */
  readonly commandFields?: readonly CommandField[] | undefined
  /** documents about it; absent: none */
  readonly attest?: AttestOptions | undefined
  /** hash everything again; default false */
  readonly noCache?: boolean | undefined
  /** `build`, `check` or what else buildx can do with a target; default build */
  readonly call?: string | undefined
  /** the place of the image in the plan; absent without a plan */
  readonly at: Place | undefined
}

export interface PlanTarget {
  readonly image: string
  readonly variant: string | undefined
}

export interface ResolvedPlan {
  readonly root: string
  readonly file: string
  readonly platforms: readonly Platform[]
  /** artifact commands that the selected images need; each once */
  readonly commands: readonly ArtifactCommand[]
  /** the selected images, in the order of the plan, variant by variant */
  readonly images: readonly ResolvedImage[]
  /**
   * Normalised reference (`formatReference`) to the image of the plan that has it as a tag, selected or not, so that
   * a FROM can be recognised. Holds the hubs and tags of the plan file and those of the selection.
   */
  readonly planReferences: ReadonlyMap<string, PlanTarget>
  /**
   * An image of the plan, selected or not; the same object each time, and the one in `images` if it is there.
   * @throws Failure PLAN_SELECTION | PLAN_INVALID
   */
  readonly resolveImage: (target: PlanTarget) => ResolvedImage
  /** default: no rules */
  readonly release?: ReleaseRules | undefined
  readonly warnings: readonly PlanWarning[]
}
