/** What the shop sells, who may log in, and what a session of it holds. */

// Without an import, the compiler may not know the module that is augmented below.
import type {} from 'limpet'

export interface Product {
  readonly sku: string
  readonly name: string
  readonly note: string
  /** In cents. */
  readonly price: number
}

/** How many of each product, by sku. */
export type Cart = Readonly<Record<string, number>>

// With this, `session.get('cart')` is a Cart or undefined, and `session.set('user', 42)` does not compile.
declare module 'limpet' {
  interface SessionData {
    user: string
    cart: Cart
  }
}

export const products: readonly Product[] = [
  { sku: 'bucket', name: 'Tin bucket', note: 'Holds two litres and one small crab.', price: 1250 },
  { sku: 'net', name: 'Rock pool net', note: 'Soft mesh on an ash handle.', price: 980 },
  { sku: 'tides', name: 'Tide tables', note: 'The coming year, printed large.', price: 640 },
  { sku: 'towel', name: 'Striped towel', note: 'Dries in an hour if there is wind.', price: 2200 },
]

export function findProduct(sku: unknown): Product | undefined {
  return products.find((product) => product.sku === sku)
}

export function withOneMore(cart: Cart | undefined, sku: string): Cart {
  return { ...cart, [sku]: Math.min((cart?.[sku] ?? 0) + 1, 99) }
}

export function withoutAny(cart: Cart | undefined, sku: string): Cart {
  const { [sku]: _, ...rest } = cart ?? {}
  return rest
}

const accounts = new Map([
  ['ada', 'limpet'],
  ['grace', 'limpet'],
])

/** The user's name, or undefined. A real shop keeps a password hash (scrypt, argon2) and compares in constant time. */
export function authenticate(name: unknown, password: unknown): string | undefined {
  if (typeof name !== 'string' || typeof password !== 'string') return undefined
  return accounts.get(name) === password ? name : undefined
}
