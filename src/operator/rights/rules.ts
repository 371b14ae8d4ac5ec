/** What somebody has to be allowed to do to install something: no more than the kinds of its objects, each by name. */
import { groupOf, type Kind, type KubeObject, type KubeSchema } from '../../kube/index.ts'
import { revisionKind } from '../history/revision.ts'

/** A rule of a Role (rbac.authorization.k8s.io/v1). */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export interface Rights {
  /** in the namespace of the installation */
  readonly namespaced: readonly Rule[]
  /** for kinds of the cluster, and what rendered ClusterRoles allow */
  readonly cluster: readonly Rule[]
  /** kinds that Kubernetes does not bring: their plurals are guessed, and they are taken to live in namespaces */
  readonly guessed: readonly Kind[]
}

/**
 * What one apply asks: read, list what belongs to it, create and change by apply, delete what is no longer wanted. The
 * rules of Roles that are rendered come with it, as nobody may give what they do not have.
 */
const verbs = ['get', 'list', 'create', 'patch', 'delete']

const accountKinds: readonly Kind[] = [{ apiVersion: 'v1', kind: 'ConfigMap' }]

export interface RightsRequest {
  /** every kind that may be rendered */
  readonly kinds: readonly Kind[]
  /** as rendered: their Roles are looked into */
  readonly objects: readonly KubeObject[]
  readonly schema: KubeSchema
}

export function rightsFor({ kinds, objects, schema }: RightsRequest): Rights {
  const namespaced: Rule[] = []
  const cluster: Rule[] = []
  const guessed: Kind[] = []
  const seen = new Set<string>()
  for (const kind of [...accountKinds, ...kinds]) {
    const known = schema.find(kind)
    const resource = known?.resource ?? guessPlural(kind)
    const rule = { apiGroups: [groupOf(kind)], resources: [resource], verbs }
    if (seen.has(JSON.stringify(rule))) continue
    seen.add(JSON.stringify(rule))
    if (!known) guessed.push({ apiVersion: kind.apiVersion, kind: kind.kind })
    if (known?.isNamespaced === false) cluster.push(rule)
    else namespaced.push(rule)
  }
  // Revisions are read by listing them.
  namespaced.push({
    apiGroups: [groupOf(revisionKind)],
    resources: ['controllerrevisions'],
    verbs: ['list', 'create', 'patch', 'delete'],
  })
  for (const object of objects) {
    const given = Array.isArray(object['rules']) ? (object['rules'] as Rule[]) : []
    if (object.kind === 'Role') addMissing(namespaced, given)
    if (object.kind === 'ClusterRole') addMissing(cluster, given)
  }
  return { namespaced: joinRules(namespaced), cluster: joinRules(cluster), guessed }
}

function addMissing(rules: Rule[], given: readonly Rule[]): void {
  for (const rule of given) if (!rules.some((one) => covers(one, rule))) rules.push(rule)
}

/** Whether whoever has the one has the other. */
export function covers(one: Rule, other: Rule): boolean {
  const has = (mine: readonly string[], theirs: readonly string[]) =>
    mine.includes('*') || theirs.every((item) => mine.includes(item))
  if (other.nonResourceURLs)
    return has(one.nonResourceURLs ?? [], other.nonResourceURLs) && has(one.verbs, other.verbs)
  const names = one.resourceNames
  return (
    has(one.apiGroups, other.apiGroups) &&
    has(one.resources, other.resources) &&
    has(one.verbs, other.verbs) &&
    (!names || (other.resourceNames ?? ['']).every((name) => names.includes(name)))
  )
}

/** Rules that differ in their resources only are one. */
function joinRules(rules: readonly Rule[]): Rule[] {
  const joined = new Map<string, Rule>()
  for (const rule of rules) {
    const { resources, ...rest } = rule
    const key = JSON.stringify(rest)
    const known = joined.get(key)
    joined.set(key, known ? { ...known, resources: [...known.resources, ...resources] } : rule)
  }
  return [...joined.values()]
}

/** As Kubernetes does it for most kinds: `Gateway` is `gateways`, `Policy` is `policies`. */
function guessPlural({ kind }: Kind): string {
  const lower = kind.toLowerCase()
  if (/(?:s|x|ch|sh)$/.test(lower)) return `${lower}es`
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`
}

export interface RoleRequest {
  readonly name: string
  readonly namespace: string
  /** who gets the rights; default: only the roles are made */
  readonly serviceAccount?: string | undefined
}

/** The rights as objects that can be applied by somebody who has them. */
export function rolesFor(
  { namespaced, cluster }: Omit<Rights, 'guessed'>,
  { name, namespace, serviceAccount }: RoleRequest,
): KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }]
  const clusterName = `${namespace}-${name}`
  const bind = (kind: 'Role' | 'ClusterRole', metadata: KubeObject['metadata']): KubeObject => ({
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    subjects,
  })
  const own = { name, namespace }
  return [
    { apiVersion, kind: 'Role', metadata: own, rules: namespaced },
    ...(cluster.length > 0
      ? [{ apiVersion, kind: 'ClusterRole', metadata: { name: clusterName }, rules: cluster }]
      : []),
    ...(serviceAccount === undefined ? [] : [bind('Role', own)]),
    ...(serviceAccount === undefined || cluster.length === 0
      ? []
      : [bind('ClusterRole', { name: clusterName })]),
  ]
}
