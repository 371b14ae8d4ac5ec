/**
 * Every code a `Failure` can carry, with the exit status it leads to and one line of meaning.
 * `docs/errors.md` has one heading per code; a test compares both ways.
 */
export const failureCodes = {
  USAGE: { exit: 2, meaning: 'the command line cannot be understood' },
  PLAN_NOT_FOUND: { exit: 2, meaning: 'no plan file is where one was looked for' },
  PLAN_INVALID: { exit: 2, meaning: 'the plan file does not fit its schema' },
  PLAN_SELECTION: {
    exit: 2,
    meaning: 'an image, variant or platform was asked for that the plan does not have',
  },
  HUB_PROTECTED: { exit: 2, meaning: 'images would be pushed to a hub that only CI may push to' },
  LOCK_INVALID: { exit: 2, meaning: 'the lock file of base images is not as it was written' },
  BASE_NOT_LOCKED: { exit: 2, meaning: 'a base image is not in the lock file, where it must be' },
  DIGEST_INVALID: { exit: 2, meaning: 'a text is not a digest' },
  PLATFORM_INVALID: { exit: 2, meaning: 'a text is not a platform' },
  REFERENCE_INVALID: { exit: 2, meaning: 'a text is not an image reference' },
  DOCKERFILE_NOT_FOUND: { exit: 2, meaning: 'the Dockerfile cannot be read' },
  DOCKERFILE_SYNTAX: { exit: 2, meaning: 'the Dockerfile is not well formed' },
  DOCKERFILE_INVALID: { exit: 2, meaning: 'the Dockerfile is well formed but cannot be evaluated' },
  DOCKERFILE_UNSUPPORTED: { exit: 2, meaning: 'the Dockerfile uses something Slipway does not do' },
  CONTEXT_INVALID: { exit: 2, meaning: 'a build context is not a folder that can be read' },
  SOURCE_NOT_FOUND: { exit: 1, meaning: 'a COPY or ADD source is not in its build context' },
  SOURCE_CHANGED: { exit: 1, meaning: 'a source file changed while it was read' },
  SOURCE_UNSUPPORTED: { exit: 1, meaning: 'a source is of a kind that cannot be put into an image' },
  DOWNLOAD_FAILED: { exit: 1, meaning: 'a remote source of ADD cannot be fetched' },
  COPY_CONFLICT: {
    exit: 1,
    meaning: 'a COPY would put a file over a folder or a folder over a file or link',
  },
  GIT_FAILED: { exit: 1, meaning: 'git cannot tell what labels are made of' },
  ARTIFACT_NOT_FOUND: { exit: 1, meaning: 'an artifact the plan lists is not there' },
  ARTIFACT_COMMAND: { exit: 1, meaning: 'an artifact command failed' },
  BUILDER_NOT_FOUND: { exit: 1, meaning: 'no builder that RUN could be handed to can be used' },
  BUILDER_PLATFORM: { exit: 1, meaning: 'a builder cannot run commands for a platform' },
  BUILDER_FAILED: { exit: 1, meaning: 'a builder that was handed a stage failed' },
  BASE_NOT_FOUND: { exit: 1, meaning: 'a base image cannot be found' },
  BASE_PLATFORM: { exit: 1, meaning: 'a base image does not have the platform' },
  BASE_INVALID: { exit: 1, meaning: 'a base image is not well formed' },
  REGISTRY_UNREACHABLE: { exit: 1, meaning: 'a registry does not answer' },
  REGISTRY_UNAUTHORIZED: { exit: 1, meaning: 'a registry refused our credentials' },
  REGISTRY_CERTIFICATE: {
    exit: 1,
    meaning: 'a registry is not trusted, or does not trust us, by the certificates that are set up for it',
  },
  REGISTRY_CONFIG: { exit: 2, meaning: 'a file that configures registries cannot be understood' },
  REGISTRY_REFUSED: { exit: 1, meaning: 'a registry answered with an error' },
  TAG_EXISTS: { exit: 1, meaning: 'a name that must stay leads to another image' },
  STORE_UNREACHABLE: { exit: 1, meaning: 'a local store of images, such as containerd, does not answer' },
  STORE_REFUSED: { exit: 1, meaning: 'a local store of images answered with an error' },
  CONTENT_MISMATCH: { exit: 1, meaning: 'content does not have the digest or size it should have' },
  LAYOUT_INVALID: { exit: 1, meaning: 'a folder is not an OCI image layout' },
  ARCHIVE_INVALID: { exit: 1, meaning: 'a tar stream is not well formed' },
  NO_SPACE: { exit: 1, meaning: 'the disk is full' },
  FILE_SYSTEM: { exit: 1, meaning: 'the file system refused an operation' },
} as const satisfies Record<string, { exit: 1 | 2; meaning: string }>

export type FailureCode = keyof typeof failureCodes
