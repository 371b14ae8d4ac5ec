import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from '../../../oci/index.ts'
import { builderId } from './builder-id.ts'
import { imageMaterial, sortMaterials } from './material.ts'
import { maskedArgs } from './secrets.ts'

test('values of arguments that look secret by name are masked, and passwords in addresses', () => {
  assert.deepEqual(
    maskedArgs({
      VERSION: '1',
      NPM_TOKEN: 't',
      'api-key': 'k',
      KEYBOARD: 'us',
      HTTPS_PROXY: 'http://u:p@proxy',
      MIRROR: 'see https://user:pw@example.org/x and http://a@b/',
    }),
    {
      HTTPS_PROXY: '***',
      KEYBOARD: 'us',
      MIRROR: 'see https://***@example.org/x and http://***@b/',
      NPM_TOKEN: '***',
      VERSION: '1',
      'api-key': '***',
    },
  )
})

test('bases are named as BuildKit names them', () => {
  const digest = `sha256:${'ab'.repeat(32)}` as const
  const uriOf = (text: string) =>
    imageMaterial(parseReference(text), { os: 'linux', architecture: 'arm', variant: 'v7' }, digest)
  assert.deepEqual(uriOf('debian:12'), {
    uri: 'pkg:docker/debian@12?platform=linux%2Farm%2Fv7',
    digest: { sha256: 'ab'.repeat(32) },
  })
  assert.equal(uriOf('ghcr.io/acme/base:1').uri, 'pkg:docker/ghcr.io/acme/base@1?platform=linux%2Farm%2Fv7')
  assert.equal(
    uriOf(`localhost:5000/base@${digest}`).uri,
    'pkg:docker/localhost%3A5000/base?platform=linux%2Farm%2Fv7',
  )
})

test('materials are listed once, in an order of their own', () => {
  const [a, b] = [
    { name: 'a', digest: { sha256: '1' } },
    { name: 'b', digest: { sha256: '2' } },
  ]
  assert.deepEqual(sortMaterials([b, a, { ...b }]), [a, b])
})

test('who built is what CI says', () => {
  const github = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/release.yml@refs/heads/main',
  }
  assert.equal(builderId(github), 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main')
  assert.equal(
    builderId({ CI_CONFIG_REF_URI: 'gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main' }),
    'https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main',
  )
  assert.equal(builderId({ GITHUB_SERVER_URL: 'https://github.com' }), 'https://slipway.dev/builder/local')
})
