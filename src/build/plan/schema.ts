/**
 * The shape of `slipway.yaml`. `schema/slipway.schema.json` is made from it (`npm run schema`).
 * `zod/mini` and not `zod`: a bundle of 37 kB instead of 167 kB, and about 10 ms less at start.
 * The message of a check continues the offending value: `"Foo" is not an image name`.
 */
import * as z from 'zod/mini'
import { provenanceModes } from '../attest/attest-options.ts'
import { delegateChoices } from '../delegate/choice.ts'

const text = () => z.string().check(z.minLength(1, 'is empty'))
const texts = () => z.array(text())

function about<T extends z.core.$ZodType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description })
  return schema
}

function optional<T extends z.core.$ZodType>(description: string, schema: T): z.ZodMiniOptional<T> {
  return z.optional(about(description, schema))
}

const variableName = () =>
  z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name of a variable (letters, digits, _)'))
const imageName = () =>
  z
    .string()
    .check(
      z.regex(
        /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/,
        'is not an image name (lower-case letters, digits, separated by . _ - or /)',
      ),
    )
const plainName = () =>
  z.string().check(z.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'is not a name (letters, digits, _ . -)'))
const variantName = () =>
  plainName().check(
    z.refine((name) => name !== 'default', 'is reserved: mark one variant with "default: true" instead'),
  )
const variables = () => z.record(variableName(), z.string())
const pairs = () => z.record(text(), z.string())

const delegate = () => z.enum(['never', ...delegateChoices])

const variant = z.strictObject({
  default: optional(
    'This variant takes the unsuffixed tag; the others get -<variant>. At most one has it.',
    z.boolean(),
  ),
  args: optional(
    'Build arguments of this variant; they win over those of the plan, an image wins over them.',
    variables(),
  ),
  target: optional('Stage that images are built to in this variant.', text()),
})

const artifact = z
  .strictObject({
    command: optional(
      'What makes the artifact: a text is run by sh -c as it stands (the shell expands the variables), a list is run directly with ${VAR} expanded.',
      z.union([text(), z.array(text()).check(z.minLength(1, 'is empty'))]),
    ),
    make: optional(
      'Targets for make, instead of a command. Two makes never run at the same time.',
      z.array(text()).check(z.minLength(1, 'is empty')),
    ),
    env: optional(
      'Environment variables of the command, besides TARGET_OS, TARGET_ARCH, TARGET_VARIANT, TARGET_OUT and TARGET_OUT_LINUX.',
      variables(),
    ),
    outputs: optional(
      'Files or folders the command leaves behind; they are in the context of every image that names this artifact.',
      texts(),
    ),
    perPlatform: optional(
      'Whether the command is run once for every platform. Default: true. False: once in all.',
      z.boolean(),
    ),
  })
  .check(
    z.refine(
      ({ command, make }) => (command === undefined) !== (make === undefined),
      'needs either "command" or "make"',
    ),
  )

const file = z.union([
  text(),
  z.strictObject({
    from: about('Path of the file or folder, relative to the project root.', text()),
    to: about('Path it has in the build context.', text()),
  }),
])

const image = z
  .strictObject({
    name: about('Name of the image: it is published as <hub>/<name>:<tag>.', imageName()),
    dockerfile: about('Path of the Dockerfile, relative to the project root.', text()),
    context: optional(
      'Folder that is the build context, relative to the project root. Not together with files.',
      text(),
    ),
    files: optional(
      'Files and folders that make up the build context, each at its base name; one whose path mentions the platform is at <arch>/<base name> and answers to the base name too.',
      z.array(file),
    ),
    targets: optional(
      'Targets for make that are files of the build context too. One make per platform makes those of all images.',
      texts(),
    ),
    artifacts: optional(
      'Names of artifacts this image needs; their outputs are in the build context.',
      texts(),
    ),
    contexts: optional('Further named build contexts, for COPY --from=<name> and FROM <name>.', pairs()),
    variants: optional(
      'The variants this image has. Default: all of the plan. An empty list: one build, with no suffix.',
      texts(),
    ),
    platforms: optional('The platforms this image has. Default: those of the plan.', texts()),
    target: optional('Stage to build. Default: that of the variant, else the last one.', text()),
    args: optional('Build arguments of this image; they win over those of the variant.', variables()),
    labels: optional('Labels of the image.', pairs()),
    annotations: optional(
      'Annotations. A key goes to the manifests; with index:, manifest: or manifest-descriptor: before it (also several, with commas) to those.',
      pairs(),
    ),
    capabilities: optional(
      'File capabilities by path in the image, as setcap writes them: /usr/local/bin/proxy: cap_net_bind_service+ep',
      pairs(),
    ),
    base: optional(
      'Other images stand on this one: it is built first, and only when it is asked for or needed.',
      z.boolean(),
    ),
    emulationRequired: optional(
      'It can only be built for platforms this machine runs, by its processor or by emulation; others are skipped with a warning.',
      z.boolean(),
    ),
    delegate: optional('As "delegate" of the plan, for this image.', delegate()),
  })
  .check(
    z.refine(
      ({ context, files }) => context === undefined || files === undefined,
      'has both "context" and "files": files make up a context of their own',
    ),
  )

export const slipwayPlanSchema = z.strictObject({
  hubs: optional('Where images go: registry and path, such as localhost:5000/demo.', texts()),
  tags: optional('Tags of the images. Default: latest.', texts()),
  platforms: optional('Platforms to build for, such as linux/amd64. Default: that of this machine.', texts()),
  args: optional('Build arguments of all images.', variables()),
  labels: optional('Labels of all images.', pairs()),
  annotations: optional('Annotations of all images, as those of an image.', pairs()),
  variants: optional('Variants that images are built in, by name.', z.record(variantName(), variant)),
  artifacts: optional('Commands that make files for images, by name.', z.record(plainName(), artifact)),
  groups: optional(
    'Named sets of images (or of other groups), to be asked for together.',
    z.record(plainName(), texts()),
  ),
  protectedHubs: optional(
    'Hubs that only CI (the environment variable CI is set) may push to: registry and path, with all below it; * is any text without a slash.',
    texts(),
  ),
  noClobber: optional(
    'Names that lead to another image stay, and the run fails: as --no-clobber. strict: looked up again just before names move. "latest" may always move. Default: false.',
    z.union([z.boolean(), z.literal('strict')]),
  ),
  gitLabels: optional(
    'Labels org.opencontainers.image.revision, source, version and created from the git repository, as --git-labels. Default: false.',
    z.boolean(),
  ),
  gitAnnotations: optional('The same as annotations of indexes and manifests. Default: false.', z.boolean()),
  sbom: optional(
    'Attach an SBOM to each image, as --sbom. Default: none.',
    z.enum(['spdx', 'cyclonedx', 'both']),
  ),
  provenance: optional(
    'Attach SLSA provenance to each image, as --provenance. Default: none.',
    z.enum(provenanceModes),
  ),
  delegate: optional(
    'Which builder may do stages with RUN: auto is the first that answers of buildctl, docker buildx, docker build and buildah. Default: never, RUN is refused.',
    delegate(),
  ),
  images: about('The images.', z.array(image).check(z.minLength(1, 'is empty: a plan needs an image'))),
})

/** Istio's `tools/docker.yaml`; `example` is not read. */
export const istioPlanSchema = z.strictObject({
  example: z.optional(z.unknown()),
  images: z
    .array(
      z.strictObject({
        name: imageName(),
        dockerfile: text(),
        files: z.optional(z.nullable(texts())),
        targets: z.optional(z.nullable(texts())),
        base: z.optional(z.boolean()),
        emulationRequired: z.optional(z.boolean()),
      }),
    )
    .check(z.minLength(1, 'is empty: a plan needs an image')),
})

/** The JSON Schema (draft-07) of `slipway.yaml`, as plain data. */
export function slipwayJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(slipwayPlanSchema, { target: 'draft-7', io: 'input' })
  return {
    $id: 'https://slipway.dev/schema/slipway.schema.json',
    title: 'Slipway plan',
    description: 'Images that slipway bake builds.',
    ...schema,
    // Keys that begin with x- hold what anchors (&name, *name) share; they are not read.
    patternProperties: { '^x-': {} },
  }
}
