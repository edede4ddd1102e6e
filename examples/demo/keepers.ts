import type { Request } from 'express'
import session from 'express-session'
import { type StickyOptions, sticky } from 'limpet'
import type { Keeper } from './shop.ts'

/** Sessions in the memory of one backend: express-session as it comes. */
export function inMemory(secret: string): Keeper {
  return {
    middleware: session({ secret, resave: false, saveUninitialized: false, store: new session.MemoryStore() }),
    get: async (request, key) => Reflect.get(request.session, key),
    set: async (request, key, value) => {
      Object.assign(request.session, { [key]: value })
    },
  }
}

/** Sessions that any backend can serve. */
export function withSticky(options?: StickyOptions): Keeper {
  const middleware = sticky(options)
  return {
    middleware,
    get: (request, key) => untyped(request).get(key),
    set: (request, key, value) => untyped(request).set(key, value),
    close: () => middleware.close(),
  }
}

/** The session without the types that an application can give it: the shop asks both keepers in the same words. */
interface Untyped {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
}

function untyped(request: Request): Untyped {
  return request.sticky.session
}
