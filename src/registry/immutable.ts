/** Tags that registries let nobody move: how their refusal looks. There is no code for it in the distribution-spec. */
import type { BadAnswer } from './answer.ts'

/** Whether the refusal of a tag may be because it is there already; then it is worth a look at what it names. */
export function mayBeImmutable(answer: BadAnswer): boolean {
  return answer.status === 409 || answer.status === 412 || isImmutable(answer)
}

/** Whether the refusal says so. */
export function isImmutable({ status, problems }: BadAnswer): boolean {
  if (status < 400 || status >= 500 || status === 401 || status === 429) return false
  return problems.some(
    ({ code, message }) =>
      code === 'TAG_INVALID' ||
      /immutab|already exists|cannot be (?:overwritten|updated|moved)/i.test(message),
  )
}
