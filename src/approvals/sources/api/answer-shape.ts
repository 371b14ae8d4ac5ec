import type * as z from 'zod/mini'
import { Failure } from '../../../base/index.ts'

/**
 * The body as the schema has it.
 * @throws Failure APPROVALS_SOURCE: `problem`, and the first field that is not as it should be
 */
export function checked<T>(schema: z.ZodMiniType<T>, body: unknown, problem: string): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Failure('APPROVALS_SOURCE', `${problem}: ${issue?.path.join('.')} ${issue?.message}`)
}
