import type { Store } from '../../../src/ports/store.ts'

interface Held {
  readonly key: string
  readonly by: string
  readonly until: number
}

/** What is claimed of each session. */
export type Claims = Map<string, readonly Held[]>

/** A store that keeps claims, beside one that does not. */
export function claiming(store: Store, claims: Claims, now: () => number): Store {
  return {
    ...store,
    async write(id, change) {
      const { expect, claim } = change
      const held = (claims.get(id) ?? []).filter(({ until }) => until > now())
      const next = held.find(({ key, by }) => expect?.has(key) && by !== claim?.by)
      if (next) return { kind: 'claimed', ms: next.until - now() }
      const result = await store.write(id, change)
      if (!claim) return result
      const { key, by, ms } = claim
      if (result.kind === 'written') {
        claims.set(
          id,
          held.filter((one) => one.key !== key || one.by !== by),
        )
      } else if (result.kind === 'conflict' && ms > 0 && held.every((one) => one.key !== key)) {
        claims.set(id, [...held, { key, by, until: now() + ms }])
      }
      return result
    },
  }
}
