/** Looks at the cluster and asks it, without writing anything, what would become of each object. */
import { all, Failure, limit, type Waiting } from '../../base/index.ts'
import {
  anyShape,
  ApiFailure,
  formatObject,
  groupKind,
  idOf,
  loadKubeSchema,
  valueAt,
  type KubeClient,
  type KubeObject,
} from '../../kube/index.ts'
import type { Installation } from '../installation/installation.ts'
import { formatTarget, matchesTarget } from '../overlay/match-target.ts'
import { kubectlManagers } from '../release/managers.ts'
import type { Rendered } from '../render/render.ts'
import { asMember, joinScopes, leftOver, parentId, scopeOf, setIdOf, toolName } from '../set/apply-set.ts'
import { listMembers } from '../set/members.ts'
import { readParent, type Account } from '../set/parent.ts'
import { changesBetween } from './field-changes.ts'
import { isAgainst, mayTake, ownFields, ownershipOf, type Ownership } from './ownership.ts'
import type { Plan, Removal, Step } from './plan.ts'
import { withReplicasKept } from './replicas.ts'

/** As many requests at a time. */
const width = 8

export interface PlanRequest {
  readonly client: KubeClient
  readonly installation: Pick<Installation, 'name' | 'kind' | 'package' | 'policy'>
  readonly rendered: Pick<Rendered, 'namespace' | 'objects'>
}

/** What cannot be done is in `problems`. @throws Failure for a cluster that cannot be asked */
export async function makePlan(request: PlanRequest, { signal }: Waiting = {}): Promise<Plan> {
  const { client, installation, rendered } = request
  const parent = parentId(installation.name, rendered.namespace)
  const setId = setIdOf(parent)
  const account = await readAccount(request, { signal })
  const wanted = rendered.objects.map((object) => asMember(object, setId))
  const scope = joinScopes(
    account?.scope ?? { kinds: [], namespaces: [] },
    scopeOf(wanted, rendered.namespace),
  )
  const slots = limit(width)
  const problems = new Map<KubeObject, Failure>()
  const planning = all(wanted, (object) =>
    slots(() =>
      planStep(object, { ...request, setId, wanted }, signal).catch((error: unknown) => {
        if (!(error instanceof Failure) || isAboutCluster(error)) throw error
        problems.set(object, error)
        return undefined
      }),
    ),
  )
  const listing = account
    ? listMembers(client, { id: setId, namespace: rendered.namespace, scope }, { signal })
    : Promise.resolve([])
  const [steps, members] = await Promise.all([planning, listing])
  return {
    parent,
    setId,
    account,
    steps: steps.filter((step) => step !== undefined),
    removals: leftOver(members, wanted).map((object) => planRemoval(object, installation)),
    problems: wanted.map((object) => problems.get(object)).filter((problem) => problem !== undefined),
  }
}

/** Whether nothing more can be learnt from the cluster. */
function isAboutCluster({ code }: Failure): boolean {
  return code === 'CLUSTER_UNREACHABLE' || code === 'CLUSTER_UNAUTHORIZED'
}

async function readAccount(
  { client, installation, rendered }: PlanRequest,
  { signal }: Waiting,
): Promise<Account | undefined> {
  const found = await client.get(parentId(installation.name, rendered.namespace), { signal })
  const account = found && readParent(found)
  if (account && account.package !== installation.package.name)
    throw new Failure(
      'OBJECT_NOT_OURS',
      `${installation.name} is installed in ${rendered.namespace} already, from package ${account.package}`,
      { hint: 'give this installation another name' },
    )
  return account
}

interface Planning extends PlanRequest {
  readonly setId: string
  readonly wanted: readonly KubeObject[]
}

async function planStep(rendered: KubeObject, planning: Planning, signal?: AbortSignal): Promise<Step> {
  const { client, installation, setId, wanted } = planning
  const comesLater = isBroughtBySet(rendered, wanted)
  const whenBrought = (error: unknown) => {
    const isAbsent =
      error instanceof ApiFailure && (error.code === 'KIND_UNKNOWN' || error.code === 'NAMESPACE_MISSING')
    if (!comesLater || !isAbsent) throw error
    return undefined
  }
  const live = await client.get(idOf(rendered), { signal }).catch(whenBrought)
  const object = live ? withReplicasKept(rendered, live, wanted) : rendered
  if (!live || live.metadata.deletionTimestamp !== undefined) {
    // What is being deleted has to be gone before it can be made anew.
    const isTried = !live && !dependsOnNew(object, wanted)
    const result = isTried
      ? await client.apply(object, { fieldManager: toolName, dryRun: true, signal }).catch(whenBrought)
      : undefined
    return { ...created(result ?? object, await shapeOf(object)), object, live }
  }
  const ownership = ownershipOf(live, { setId, adopt: installation.policy.adopt })
  const tried = await tryStep(object, { live, ownership }, planning, signal)
  const changes = changesBetween(live, tried.result, await shapeOf(object))
  const sameOwner = JSON.stringify(ownFields(live)) === JSON.stringify(ownFields(tried.result))
  const differs = changes.length > 0 || !sameOwner
  return {
    action: tried.mustRecreate ? 'recreate' : ownership === 'adopted' ? 'adopt' : differs ? 'update' : 'keep',
    object,
    live,
    isForced: tried.isForced,
    changes,
    isOwnershipOnly: changes.length === 0 && differs,
  }
}

interface Tried {
  readonly result: KubeObject
  readonly isForced: boolean
  readonly mustRecreate: boolean
}

/** A dry run, and a second one with force where the user lets us have what is in conflict. */
async function tryStep(
  object: KubeObject,
  { live, ownership }: { readonly live: KubeObject; readonly ownership: Ownership },
  { client, installation }: Planning,
  signal?: AbortSignal,
): Promise<Tried> {
  const { takeOver, recreate } = installation.policy
  const mayForce = (conflict: ApiFailure) =>
    mayTake(live, conflict, takeOver) || (ownership === 'adopted' && isAgainst(conflict, kubectlManagers))
  const attempt = async (force: boolean): Promise<Tried> => {
    const result = await client.apply(object, { fieldManager: toolName, dryRun: true, force, signal })
    return { result, isForced: force, mustRecreate: false }
  }
  try {
    return await attempt(false).catch((error: unknown) => {
      if (error instanceof ApiFailure && error.code === 'FIELD_CONFLICT' && mayForce(error))
        return attempt(true)
      throw error
    })
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 'OBJECT_IMMUTABLE') throw error
    if (recreate.some((target) => matchesTarget(object, target)))
      return { result: object, isForced: false, mustRecreate: true }
    const target = formatTarget({ kind: object.kind, name: object.metadata.name })
    throw new Failure('OBJECT_IMMUTABLE', error.message, {
      hint: `to delete and make it anew, name it in the file: recreate: [{kind: ${object.kind}, name: ${object.metadata.name}}]; ${target} is gone in between`,
      cause: error,
    })
  }
}

function created(result: KubeObject, shape: typeof anyShape): Step {
  return {
    action: 'create',
    object: result,
    live: undefined,
    isForced: false,
    changes: changesBetween(undefined, result, shape),
    isOwnershipOnly: false,
  }
}

/** Its namespace or its kind may not be there before the set is applied. */
function isBroughtBySet(object: KubeObject, wanted: readonly KubeObject[]): boolean {
  const { namespace } = object.metadata
  return wanted.some(
    (other) =>
      (other.kind === 'Namespace' && other.metadata.name === namespace) ||
      (other.kind === 'CustomResourceDefinition' && definedKind(other) === groupKind(object)),
  )
}

function definedKind(definition: KubeObject): string {
  const names = valueAt(definition, 'spec', 'names', 'kind')
  return `${String(names)}.${String(valueAt(definition, 'spec', 'group'))}`
}

/** The server looks at the role when it is bound, and a role of this set is there after the dry run only. */
function dependsOnNew(object: KubeObject, wanted: readonly KubeObject[]): boolean {
  if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') return false
  const kind = valueAt(object, 'roleRef', 'kind')
  const name = valueAt(object, 'roleRef', 'name')
  return wanted.some((other) => other.kind === kind && other.metadata.name === name)
}

async function shapeOf(object: KubeObject) {
  return (await loadKubeSchema()).find(object)?.shape ?? anyShape
}

/** Deleting these deletes what users have put there. */
const protectedKinds = new Set(['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim'])

export function planRemoval(
  object: KubeObject,
  { policy }: { readonly policy: Pick<Installation['policy'], 'prune' | 'deleteProtected'> },
): Removal {
  if (!policy.prune) return { object, keptBecause: 'prune is off' }
  const isAllowed = policy.deleteProtected.some((target) => matchesTarget(object, target))
  if (protectedKinds.has(object.kind) && !isAllowed)
    return {
      object,
      keptBecause: `${formatObject(object)} may hold what users have put there; name it in deleteProtected to let it go`,
    }
  return { object, keptBecause: undefined }
}
