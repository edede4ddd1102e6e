import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { isStoreError, StoreError } from '../../core/errors.ts'
import type { LimpetEvent, StoreOperation } from '../../ports/events.ts'
import type { Store } from '../../ports/store.ts'

/** After this many failures in a row the store is left alone ... */
const FAILURES = 5
/** ... for so many milliseconds; then one call may try. */
const PAUSE = 1000

/**
 * A store whose every call ends within the deadline, and which is left alone for a moment after it has failed several times, so
 * that requests do not each wait for the deadline (law 11).
 */
export class GuardedStore {
  readonly store: Store
  readonly #timeout: number
  readonly #emit: (event: LimpetEvent) => void
  readonly #breaker
  /** Failures that say nothing against the store. */
  readonly #excused = new WeakSet<Error>()
  /** How often the store has answered. */
  #answers = 0

  constructor(store: Store, timeout: number, emit: (event: LimpetEvent) => void) {
    this.store = store
    this.#timeout = timeout
    this.#emit = emit
    this.#breaker = circuitBreaker(
      handleWhen((error) => isStoreError(error) && error.outage && !this.#excused.has(error)),
      { halfOpenAfter: PAUSE, breaker: new ConsecutiveBreaker(FAILURES) },
    )
    this.#breaker.onBreak(() => emit({ type: 'store-breaker', state: 'open', operations: 'writes' }))
    this.#breaker.onReset(() => emit({ type: 'store-breaker', state: 'closed', operations: 'writes' }))
  }

  /** Milliseconds that one call may take. */
  get timeout(): number {
    return this.#timeout
  }

  async call<T>(operation: StoreOperation, run: (store: Store) => Promise<T>): Promise<T> {
    try {
      if (this.store.local) return await run(this.store)
      // One call is trying: cockatiel would have the others wait for what becomes of it.
      if (this.#breaker.state === CircuitState.HalfOpen) throw notTried(operation)
      return await this.#breaker.execute(() => this.#try(operation, run))
    } catch (error) {
      const failure = asStoreError(operation, error)
      this.#emit({ type: 'store-failed', operation, error: failure })
      throw failure
    }
  }

  /**
   * Not every failure is a reason to leave the store alone: one that was overtaken by an answer (of a connection that broke, and has been
   * replaced since) is old news.
   */
  async #try<T>(operation: StoreOperation, run: (store: Store) => Promise<T>): Promise<T> {
    const answers = this.#answers
    try {
      const answer = await this.#withDeadline(operation, run(this.store))
      this.#answers++
      return answer
    } catch (error) {
      if (error instanceof Error && this.#answers !== answers) this.#excused.add(error)
      throw error
    }
  }

  #withDeadline<T>(operation: StoreOperation, answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const expire = () => {
        const message = `the store did not answer a ${operation} within ${this.#timeout} ms (storeTimeout)`
        reject(new StoreError(message, { applied: 'unknown', outage: true }))
      }
      // A driver that gives up at the same moment may know more: it has the first word.
      const timer = setTimeout(() => setImmediate(expire), this.#timeout)
      answer.then(
        (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        (error) => {
          clearTimeout(timer)
          // A driver that rejects with something else than StoreError has failed in a way that it did not foresee.
          reject(asStoreError(operation, error))
        },
      )
    })
  }
}

function asStoreError(operation: StoreOperation, error: unknown): StoreError {
  if (isStoreError(error)) return error
  if (error instanceof Error && 'isBrokenCircuitError' in error) return notTried(operation, error)
  const why = error instanceof Error ? error.message : String(error)
  return new StoreError(`the store failed in a ${operation}: ${why}`, {
    applied: 'unknown',
    outage: true,
    cause: error,
  })
}

function notTried(operation: StoreOperation, cause?: Error): StoreError {
  const message = `the store has failed several times, so this ${operation} was not tried; it is tried again within ${PAUSE} ms`
  return new StoreError(message, { applied: false, outage: true, ...(cause && { cause }) })
}
