import type { Store } from '../../src/ports/store.ts'
import type { SubjectOptions } from './subject.ts'

/** Laws that can be taken out of limpet, to see that the checker notices. */
export const breaks = ['version', 'cas', 'tombstone'] as const

export type Break = (typeof breaks)[number]

/** The store with one law taken out: what all backends share. */
export function breakStore(store: Store, law: Break | undefined): Store {
  return law === undefined ? store : store
}

/** The same for what each backend has of its own. */
export function breakSubject(_law: Break | undefined): (options: SubjectOptions) => SubjectOptions {
  return (options) => options
}
