/** Failures of this module and how they show text of the user. */
import { Failure, type Place } from '../base/index.ts'

export function syntaxFailure(message: string, at: Place | undefined, hint?: string): Failure {
  return new Failure('DOCKERFILE_SYNTAX', message, { at, hint })
}

/** Text in quotes on one line, shortened when it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)
}
