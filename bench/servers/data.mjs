// What every subject stores at login and answers with, so that all of them move the same bytes.
const small = { user: 'ada@example.org', csrf: 'a2f6c1d09b7e4853' }
const usual = {
  ...small,
  cart: [
    { sku: 'tea-07', quantity: 2 },
    { sku: 'cup-12', quantity: 1 },
    { sku: 'pot-01', quantity: 1 },
  ],
}

/** Shapes that the memory bench asks for. */
const shapes = {
  small,
  typical: { ...small, locale: 'en-GB', since: 1750000000000, note: 'x'.repeat(200) },
  large: { ...small, draft: 'x'.repeat(16_384) },
}

export const session = shapes[process.env.BENCH_SESSION] ?? usual

/** The answer of every route, and of the bare frameworks: a subject that reads must have read this user to give it. */
export const answer = (user) => ({ user })
