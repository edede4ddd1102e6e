export type { StoreCase, StoreSetup } from './testing/setup.ts'
export { storeCases } from './testing/store-cases.ts'
export { type TestRunner, type TestStoreOptions, testStore } from './testing/test-store.ts'
