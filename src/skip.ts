import { isError } from './core/errors.ts'
import type { Skip } from './ports/exchange.ts'

/**
 * The option `skip`, so that nothing a client sends makes it throw: a request of which it cannot tell is served as any
 * other.
 */
export function createSkip(skip: Skip | undefined, warn: (message: string) => void): Skip | undefined {
  if (skip === undefined) return undefined
  return (request) => {
    try {
      const answer: unknown = skip(request)
      if (!isThenable(answer)) return Boolean(answer)
      // Its rejection has nobody else.
      answer.then(undefined, () => undefined)
      warn(
        'the function given as skip returned a promise, so that nothing is skipped: it must return true or false at once',
      )
    } catch (error) {
      // Its text may hold anything.
      const why = isError(error) ? error.name : typeof error
      warn(`the function given as skip threw, and the request was served as any other: it threw ${why}. Reported once`)
    }
    return false
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
