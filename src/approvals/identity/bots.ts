/**
 * Which accounts are programs: by what their host says, by the marks hosts put on their names, and by exact names.
 * Never by a part of a name: people are called Talbott.
 */
import type { Person } from '../event.ts'

/** Logins of programs that are ordinary accounts, in lower case. */
const knownLogins = new Set([
  'bors',
  'codecov',
  'codecov-io',
  'copilot',
  'copilot-pull-request-reviewer',
  'coderabbitai',
  'coveralls',
  'dependabot',
  'dependabot-preview',
  'devin-ai-integration',
  'gemini-code-assist',
  'github-actions',
  'github-merge-queue',
  'gitlab-bot',
  'google-oss-prow',
  'google-oss-robot',
  'googlebot',
  'gopherbot',
  'greenkeeper',
  'greptile-apps',
  'highfive',
  'homu',
  'istio-policy-bot',
  'istio-release-robot',
  'istio-testing',
  'jenkins',
  'k8s-ci-robot',
  'k8s-merge-robot',
  'mergify',
  'nodejs-github-bot',
  'openshift-ci-robot',
  'openshift-merge-robot',
  'pre-commit-ci',
  'pyup-bot',
  'renovate',
  'renovate-bot',
  'rust-highfive',
  'rust-log-analyzer',
  'rust-timer',
  'rustbot',
  'semantic-release-bot',
  'sizebot',
  'snyk-bot',
  'sonarcloud',
  'sourcery-ai',
  'stale',
  'weblate',
  'zuul',
])

/** Mails of programs in git histories, in lower case. */
const knownMails = new Set([
  'bors@rust-lang.org',
  'gobot@golang.org',
  'letsusegerrit@gmail.com',
  'noreply@github.com',
  'support@github.com',
  'luci-project-accounts@luci.app',
])

/** The name of a program that all hosts would give it: `dependabot`, `dependabot[bot]` and `app/dependabot` are one. */
export function botName(login: string): string {
  return login
    .replace(/^app\//i, '')
    .replace(/\[bot\]$/i, '')
    .toLowerCase()
}

/** The name of the program that this person is, or nothing. `extra` holds further logins, names and mails, in lower case. */
export function botOf(person: Person, extra: ReadonlySet<string>): string | undefined {
  const { login, name, email, type } = person
  const shown = login ?? name ?? email ?? ''
  const isMarked = type === 'bot' || /\[bot\]$|^app\//i.test(login ?? name ?? '')
  if (isMarked) return botName(shown)
  const plain = botName(shown)
  if (login !== undefined && knownLogins.has(plain)) return plain
  if (email !== undefined && knownMails.has(email.toLowerCase())) return plain
  const noreply = /^(?:\d+\+)?([^@+]+\[bot\])@users\.noreply\.github\.com$/i.exec(email ?? '')
  if (noreply) return botName(noreply[1]!)
  const isNamed = [login, name, email].some((each) => each !== undefined && extra.has(each.toLowerCase()))
  return isNamed ? plain : undefined
}
