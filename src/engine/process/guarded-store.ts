import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { isError, isStoreError, StoreError } from '../../core/errors.ts'
import { Patience, SLICE } from '../../deadline/patience.ts'
import type { LimpetEvent, StoreOperation } from '../../ports/events.ts'
import type { Store } from '../../ports/store.ts'

/** After this many failures in a row the store is left alone ... */
const FAILURES = 5
/** ... for so many milliseconds; then one call may try. */
const PAUSE = 1000

const READS: readonly StoreOperation[] = ['read', 'labelled']

type Operations = 'reads' | 'writes'

/**
 * A store whose every call ends within the deadline, and which is left alone for a moment after it has failed several
 * times, so that requests do not each wait for the deadline (law 11). Reads and writes are judged apart: a server that
 * refuses writes still reads.
 */
export class GuardedStore {
  readonly store: Store
  readonly #timeout: number
  readonly #emit: (event: LimpetEvent) => void
  readonly #lanes: Readonly<Record<Operations, Lane>>

  constructor(store: Store, timeout: number, emit: (event: LimpetEvent) => void) {
    this.store = store
    this.#timeout = timeout
    this.#emit = emit
    this.#lanes = { reads: new Lane('reads', emit), writes: new Lane('writes', emit) }
  }

  /** Milliseconds that one call may take. */
  get timeout(): number {
    return this.#timeout
  }

  async call<T>(operation: StoreOperation, run: (store: Store) => Promise<T>): Promise<T> {
    try {
      if (this.store.local) return await run(this.store)
      const lane = this.#lanes[READS.includes(operation) ? 'reads' : 'writes']
      return await lane.call(operation, () => this.#withDeadline(operation, run))
    } catch (error) {
      const failure = asStoreError(operation, error)
      this.#emit({ type: 'store-failed', operation, error: failure })
      throw failure
    }
  }

  async #withDeadline<T>(operation: StoreOperation, run: (store: Store) => Promise<T>): Promise<T> {
    const answer = run(this.store)
    // The driver counts the same time, may know more, and so has the first word. On a busy machine the two may differ
    // about a slice in which the event loop stood still.
    const patience = new Patience(this.#timeout + SLICE)
    try {
      return await patience.wait(answer, () => {
        const message = `the store did not answer a ${operation} within ${this.#timeout} ms (storeTimeout)`
        return new StoreError(message, { applied: 'unknown', outage: true })
      })
    } catch (error) {
      throw asStoreError(operation, error)
    } finally {
      patience.end()
    }
  }
}

/** The calls that succeed and fail together. */
class Lane {
  readonly #breaker
  /** Failures that say nothing against the store. */
  readonly #excused = new WeakSet<Error>()
  /** How often the store has answered. */
  #answers = 0
  #isHeldBack = false

  constructor(operations: Operations, emit: (event: LimpetEvent) => void) {
    this.#breaker = circuitBreaker(
      handleWhen((error) => isStoreError(error) && error.outage && !this.#excused.has(error)),
      { halfOpenAfter: PAUSE, breaker: new ConsecutiveBreaker(FAILURES) },
    )
    const tell = (isHeldBack: boolean) => {
      // It breaks anew with each try that fails, and an outage may take hours.
      if (isHeldBack === this.#isHeldBack) return
      this.#isHeldBack = isHeldBack
      emit({ type: 'store-breaker', state: isHeldBack ? 'open' : 'closed', operations })
    }
    this.#breaker.onBreak(() => tell(true))
    this.#breaker.onReset(() => tell(false))
  }

  call<T>(operation: StoreOperation, run: () => Promise<T>): Promise<T> {
    // One call is trying: cockatiel would have the others wait for what becomes of it.
    if (this.#breaker.state === CircuitState.HalfOpen) throw notTried(operation)
    return this.#breaker.execute(() => this.#try(run))
  }

  /**
   * Not every failure is a reason to leave the store alone: one that was overtaken by an answer (of a connection that
   * broke, and has been replaced since) is old news.
   */
  async #try<T>(run: () => Promise<T>): Promise<T> {
    const answers = this.#answers
    try {
      const answer = await run()
      this.#answers++
      return answer
    } catch (error) {
      if (error instanceof Error && this.#answers !== answers) this.#excused.add(error)
      throw error
    }
  }
}

function asStoreError(operation: StoreOperation, error: unknown): StoreError {
  if (isStoreError(error)) return error
  if (isError(error) && 'isBrokenCircuitError' in error) return notTried(operation)
  // A driver that rejects with something else has failed in a way that it did not foresee. Its own text may hold
  // session data.
  return new StoreError(`the store failed in a ${operation} with ${nameOf(error)}, which is no StoreError`, {
    applied: 'unknown',
    outage: true,
  })
}

function nameOf(error: unknown): string {
  if (!isError(error)) return `a ${typeof error}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const words = [error.name, code].filter((word) => /^\w{1,40}$/.test(word))
  return words.length > 0 ? words.join(' ') : 'an error'
}

function notTried(operation: StoreOperation): StoreError {
  const message = `the store has failed several times, so this ${operation} was not tried; it is tried again within ${PAUSE} ms`
  return new StoreError(message, { applied: false, outage: true })
}
