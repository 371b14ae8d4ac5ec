/** Platforms of the target, of FROM and of bases. */
import { build, type CaseGroup } from '../case.ts'

const context = { f: 'f' }
const wanted = [
  'linux/amd64',
  'linux/amd64/v2',
  'linux/arm64',
  'linux/arm64/v8',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/arm',
  'linux/arm/v5',
  'linux/s390x',
  'linux/386',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/x86_64',
  'linux/aarch64',
  'linux/armhf',
  'LINUX/AMD64',
]

export const platformCases: CaseGroup = {
  name: 'platforms',
  cases: [
    ...wanted.map((platform) =>
      build(`scratch for ${platform}`, ['FROM scratch', 'COPY f /'], { context, platform }),
    ),
    ...wanted.map((platform) =>
      build(`an index for ${platform}`, ['FROM bases.test/platforms', 'COPY f /'], { context, platform }),
    ),
    build('one manifest for another platform', ['FROM bases.test/owners'], {
      platform: 'linux/arm64',
      differences: ['base-platform'],
    }),
    build('--platform in FROM', ['FROM --platform=linux/arm64 bases.test/platforms']),
    build('--platform of the build', ['FROM --platform=$BUILDPLATFORM bases.test/platforms'], {
      platform: 'linux/arm64',
    }),
    build('--platform of the target', ['FROM --platform=$TARGETPLATFORM bases.test/platforms'], {
      platform: 'linux/arm/v7',
    }),
    build('--platform of a variable with a default', [
      'ARG p=linux/arm64',
      'FROM --platform=${p} bases.test/platforms',
    ]),
    build('--platform with scratch', ['FROM --platform=linux/s390x scratch']),
    build('--platform of another stage', ['FROM --platform=linux/arm64 bases.test/platforms AS a', 'FROM a']),
    build(
      'a copy from a stage of another platform',
      [
        'FROM --platform=$BUILDPLATFORM bases.test/platforms AS b',
        'COPY f /',
        'FROM scratch',
        'COPY --from=b /f /',
      ],
      { context, platform: 'linux/arm64' },
    ),
    build('a copy from an image for the target', ['FROM scratch', 'COPY --from=bases.test/platforms /a /'], {
      platform: 'linux/arm64',
    }),
    build(
      'TARGETARCH inside a stage of another platform',
      [
        'FROM --platform=linux/arm64 scratch',
        'ARG TARGETARCH',
        'ARG BUILDARCH',
        'ENV x=$TARGETARCH y=$BUILDARCH',
      ],
      { platform: 'linux/s390x' },
    ),
    build('--platform of an architecture only', ['FROM --platform=arm64 bases.test/platforms']),
    build('--platform of a system only', ['FROM --platform=linux bases.test/platforms']),
  ],
}
