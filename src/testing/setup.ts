import type { Store } from '../ports/store.ts'

/** What the suite has to know of a store. */
export interface StoreSetup {
  /**
   * A store over the suite's data. Every case asks for two of them: two stores over the same data are what two backends
   * have. What a store does not end itself (the client that it was given, a folder) is ended by the function given to
   * `onEnd`.
   */
  createStore(onEnd: (end: () => unknown) => void): Store | Promise<Store>
  /**
   * False: each store has data of its own, in the memory of its process, so both backends of a case use one store.
   * Default true.
   */
  readonly shared?: boolean | undefined
  /**
   * True: the store offers `watch`. Default false: the store says that it cannot tell, and the cases about telling are
   * left out.
   */
  readonly watches?: boolean | undefined
  /** True: the store keeps claims. Default false: the cases about them are left out. */
  readonly claims?: boolean | undefined
  /** True: the store has `labels`. Default false: the cases about them are left out. */
  readonly labels?: boolean | undefined
  /**
   * Loses all data of the suite at once, as an empty restart would. Where it is missing, the cases that need it are
   * left out.
   */
  loseEverything?: (() => unknown) | undefined
  /**
   * Lets so many milliseconds pass, for a store whose clock is a parameter. Where it is missing, cases wait for short
   * lifetimes to end.
   */
  advance?: ((ms: number) => unknown) | undefined
  /** Milliseconds after which a case that waits for something fails. Default 4000. */
  readonly patience?: number | undefined
}

export type Need = 'watches' | 'claims' | 'labels' | 'loseEverything' | 'advance'

export interface StoreCase {
  readonly title: string
  /** What a setup must have for the case to say anything; `testStore` leaves out what does not apply. */
  readonly needs: readonly Need[]
  /**
   * Rejects with an AssertionError that says what is wrong. Uses ids of its own, so that cases may run in any order
   * over the same data.
   */
  run(setup: StoreSetup): Promise<void>
}

export function applies({ needs }: StoreCase, setup: StoreSetup): boolean {
  return needs.every((need) => Boolean(setup[need]))
}
