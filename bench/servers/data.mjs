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

/** The memory bench asks for both sizes: Redis keeps a hash of short values in another way than one with a long value. */
export const session = process.env.BENCH_SESSION === 'small' ? small : usual

/** The answer of every route, and of the bare frameworks: a subject that reads must have read this user to give it. */
export const answer = (user) => ({ user })
