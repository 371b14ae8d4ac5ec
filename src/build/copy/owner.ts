/** Owners: `--chown` and `USER` values resolved through the image's own /etc/passwd and /etc/group. */
import { readFileSync } from 'node:fs'
import { Failure, fileFailure, fsPath, type Place } from '../../base/index.ts'
import { resolvePath, type Tree } from '../tree.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

const root: Owner = { uid: 0, gid: 0 }
/** image-spec and Linux: ids are 32 bits, the highest is reserved */
const highestId = 0xffff_fffe

/**
 * `user[:group]`, each a name or a number. A number without a group has the same number as its group; a name has its
 * primary group from /etc/passwd. `root` is known without a passwd file; an empty user is root.
 * @throws Failure DOCKERFILE_INVALID for names the image does not know (BuildKit would silently take 0)
 */
export function parseOwner(text: string, image: Tree, at: Place): Owner {
  const [userText = '', groupText, extra] = text.split(':')
  if (extra !== undefined) {
    throw new Failure('DOCKERFILE_INVALID', `"${text}" is not an owner`, {
      at,
      hint: 'write it as user or user:group',
    })
  }
  const user = userText === '' ? root : userOf(userText, image, at)
  if (groupText === undefined || groupText === '') return user
  return { uid: user.uid, gid: isId(groupText) ? toId(groupText, at) : namedGroup(groupText, image, at) }
}

function userOf(text: string, image: Tree, at: Place): Owner {
  if (!isId(text)) return namedUser(text, image, at)
  const id = toId(text, at)
  return { uid: id, gid: id }
}

function namedUser(name: string, image: Tree, at: Place): Owner {
  const fields = databaseLines(image, 'etc/passwd').find((line) => line[0] === name)
  if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  if (name === 'root') return root
  throw unknownName('user', name, 'etc/passwd', { image, at })
}

function namedGroup(name: string, image: Tree, at: Place): number {
  const fields = databaseLines(image, 'etc/group').find((line) => line[0] === name)
  if (fields) return Number(fields[2])
  if (name === 'root') return 0
  throw unknownName('group', name, 'etc/group', { image, at })
}

/** The fields of each line of a passwd-like file of the image; no lines when it is not there. */
function databaseLines(image: Tree, path: string): string[][] {
  const { node } = resolvePath(image, path)
  if (node?.type !== 'file' || node.source === undefined) return []
  return readSource(node.source)
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((fields) => fields.length > 2 && /^\d+$/.test(fields[2]!))
}

function readSource(source: { kind: 'file'; path: string } | { kind: 'bytes'; bytes: Uint8Array }): string {
  if (source.kind === 'bytes') return Buffer.from(source.bytes).toString('utf8')
  try {
    return readFileSync(fsPath(source.path), 'utf8')
  } catch (error) {
    throw fileFailure('read', source.path, error)
  }
}

function isId(text: string): boolean {
  return /^\d+$/.test(text)
}

function toId(text: string, at: Place): number {
  const id = Number(text)
  if (id <= highestId) return id
  throw new Failure('DOCKERFILE_INVALID', `${text} is no user or group id: the highest is ${highestId}`, {
    at,
  })
}

function unknownName(kind: string, name: string, file: string, where: { image: Tree; at: Place }): Failure {
  const hasFile = resolvePath(where.image, file).node !== undefined
  const reason = hasFile
    ? `/${file} of ${where.image.description} does not list it`
    : `${where.image.description} has no /${file}`
  return new Failure('DOCKERFILE_INVALID', `unknown ${kind} "${name}": ${reason}`, {
    at: where.at,
    hint: `use a number, or copy a /${file} with the ${kind} into the image first`,
  })
}
