import { applies, type StoreSetup } from './setup.ts'
import { storeCases } from './store-cases.ts'

/** What vitest, jest, mocha and node:test call `describe` and `it`. */
export interface TestRunner {
  readonly describe?: ((name: string, body: () => void) => unknown) | undefined
  readonly it: (title: string, body: () => Promise<void>, timeout?: number) => unknown
}

export interface TestStoreOptions extends StoreSetup, TestRunner {
  /** Default 'a limpet store'. */
  readonly name?: string | undefined
}

/**
 * Milliseconds that one case may take, for the runners that take a third argument: every wait has its own, clearer end.
 */
const TIMEOUT = 30_000

/** Registers every case that applies to this store with a test runner. */
export function testStore(options: TestStoreOptions): void {
  const { name = 'a limpet store', describe = (_name, body) => body(), it } = options
  describe(name, () => {
    for (const one of storeCases) {
      if (applies(one, options)) it(one.title, () => one.run(options), TIMEOUT)
    }
  })
}
