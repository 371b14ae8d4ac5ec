/** Password files for registries, hashed with bcrypt by Apache's `htpasswd` (Debian package `apache2-utils`). */
import { hasProgram, runProgram } from './program.ts'
import { requirePart } from './require-part.ts'

/** For the `skip` option of a test. */
export function skipWithoutHtpasswd(): string | false {
  return requirePart('htpasswd', hasProgram('htpasswd'))
}

/** The lines of a file with these users and passwords. */
export async function htpasswd(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = await Promise.all(
    Object.entries(users).map(async ([user, password]) => {
      const { stdout } = await runProgram('htpasswd', ['-Bbn', user, password])
      return stdout.trim()
    }),
  )
  return `${lines.join('\n')}\n`
}
