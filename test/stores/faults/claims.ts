import type { Fault } from './fault.ts'

export const claims: readonly Fault[] = [
  {
    name: 'leaves no claims',
    caughtBy: /^claims: whose expectation failed is next/,
    store: (good) => ({ write: (id, how) => good.write(id, { ...how, claim: undefined }) }),
  },
  {
    name: 'holds up everybody',
    caughtBy: /^claims: one does not hold up what expects nothing/,
    store: (good) => ({
      write: (id, how) => good.write(id, { ...how, expect: how.expect ?? new Map([['n', undefined]]) }),
    }),
  },
  {
    name: 'takes a claim for permission',
    caughtBy: /^claims: the comparison stays the judge/,
    store: (good) => ({
      async write(id, how) {
        const result = await good.write(id, how)
        return result.kind === 'conflict' && how.claim ? good.write(id, { ...how, expect: undefined }) : result
      },
    }),
  },
  {
    name: 'leaves a claim whenever one is named',
    caughtBy: /^claims: one of 0 ms is none/,
    store: (good) => ({
      write: (id, how) => good.write(id, { ...how, claim: how.claim && { ...how.claim, ms: 60_000 } }),
    }),
  },
]
