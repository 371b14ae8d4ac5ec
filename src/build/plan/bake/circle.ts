/** Work that may turn out to need itself. */
import { Failure } from '../../../base/index.ts'
import { hclFailure, type Span } from '../../../hcl/index.ts'

/** Runs the work unless it is running already. @throws Failure PLAN_INVALID then: it needs itself */
export function guard(inProgress: Set<string>, key: string, span: Span, work: () => void): void {
  if (inProgress.has(key)) {
    const circle = [...inProgress].slice([...inProgress].indexOf(key))
    throw hclFailure(
      `${key} needs itself${circle.length > 1 ? `: ${[...circle, key].join(' -> ')}` : ''}`,
      span,
    )
  }
  inProgress.add(key)
  try {
    work()
  } finally {
    inProgress.delete(key)
  }
}

/** Made when first asked for. @throws Failure PLAN_INVALID when making it asks for it */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  let isMaking = false
  return () => {
    if (made) return made.value
    if (isMaking)
      throw new Failure('PLAN_INVALID', 'the names of targets depend on targets', {
        hint: 'make them of variables',
      })
    isMaking = true
    try {
      made = { value: make() }
      return made.value
    } finally {
      isMaking = false
    }
  }
}
