import type { Request } from 'express'
import session, { type Store } from 'express-session'
import { type StickyOptions, sticky } from 'limpet'

/** What the shop asks of a session, whoever keeps it. */
export interface Keeper {
  readonly middleware: ReturnType<typeof session>
  get(request: Request, key: 'cart' | 'visitor'): Promise<unknown>
  /** Puts one more thing into the cart, as the users of that library do it. */
  add(request: Request, item: string): Promise<void>
  /** A new id for the session, and who it belongs to now. */
  login(request: Request, visitor: string): Promise<void>
  logout(request: Request): Promise<void>
  /** Whether acknowledged writes are known to be missing from what was read last. */
  behind?(request: Request): boolean
  /** Ends what it started. */
  close?(): Promise<void>
}

/** express-session, with a store of this backend alone or with one that all backends share. */
export function withExpressSession(secret: string, store: Store = new session.MemoryStore()): Keeper {
  return {
    middleware: session({ secret, resave: false, saveUninitialized: false, store }),
    get: async (request, key) => plain(request)[key],
    async add(request, item) {
      const data = plain(request)
      data.cart ??= []
      data.cart.push(item)
    },
    async login(request, visitor) {
      await called((done) => request.session.regenerate(done))
      plain(request).visitor = visitor
    },
    logout: (request) => called((done) => request.session.destroy(done)),
  }
}

/** Sessions that any backend can serve. */
export function withSticky(options?: StickyOptions): Keeper {
  const middleware = sticky(options)
  return {
    middleware,
    get: (request, key) => untyped(request).session.get(key),
    async add(request, item) {
      await untyped(request).session.update('cart', (cart) => [...(Array.isArray(cart) ? cart : []), item])
    },
    login: (request, visitor) => untyped(request).regenerate({ visitor }),
    logout: (request) => untyped(request).session.destroy(),
    behind: (request) => request.sticky.session.behind,
    close: () => middleware.close(),
  }
}

/** Our session without the types that an application can give it: the shop asks all keepers in the same words. */
interface Untyped {
  readonly session: {
    get(key: string): Promise<unknown>
    update(key: string, change: (value: unknown) => unknown): Promise<unknown>
    destroy(): Promise<void>
  }
  regenerate(values: Record<string, unknown>): Promise<void>
}

function untyped(request: Request): Untyped {
  return request.sticky
}

function plain(request: Request): { cart?: string[]; visitor?: string } {
  return request.session as { cart?: string[]; visitor?: string }
}

function called(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
}
