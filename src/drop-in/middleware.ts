import { expressMiddleware, type StickyMiddleware } from '../adapters/node/express.ts'
import { holdResponse } from '../adapters/node/hold.ts'
import type { NodeRequest, NodeResponse } from '../adapters/node/write-head.ts'
import type { Exchange, Handle } from '../ports/exchange.ts'
import type { Sticky } from '../ports/sticky.ts'
import { cookieFor } from './cookie-options.ts'
import { dressed } from './dress.ts'
import type { Settings } from './options.ts'
import type { Rules } from './rules.ts'
import type { Bearer } from './session.ts'
import { SessionStore } from './session-store.ts'
import { Visit } from './visit.ts'

type Request = NodeRequest & Bearer & { sticky?: Sticky; originalUrl?: string }
type Next = (error?: unknown) => void

/** For Express 4 and 5, Connect, `node:http` and `node:http2`; it calls `next` when the session is read. */
export type SessionMiddleware = StickyMiddleware

/** Middleware that puts a session on `req.session`, as express-session does. */
export function sessionMiddleware(exchange: Exchange, handle: Handle, settings: Settings): SessionMiddleware {
  const { settle, proxy, unsetDestroys, notes, cookie } = settings
  for (const note of notes) exchange.warn('no-meaning', note)
  const usual = (req: object, looks?: string) => cookieFor(req, cookie.fixed, proxy, looks)
  const first = cookie.of ? (req: object) => cookieFor(req, cookie.of?.(req) ?? {}, proxy) : usual
  const pathOf = (req: object) => ((cookie.of?.(req) ?? cookie.fixed) as { path?: unknown }).path
  const rules: Rules = { settle, emit: exchange.emit, unsetDestroys, usual, first: (req) => first(req) }
  const store = new SessionStore(handle, (looks) => usual({}, looks), settings.foreign)
  let isConnected = true
  store.on('disconnect', () => {
    isConnected = false
  })
  store.on('connect', () => {
    isConnected = true
  })

  const dress = (req: object, setCookie: string) => {
    const { session } = req as Bearer
    const own = Object(session).cookie
    const looks = typeof own === 'object' && own !== null ? own : first(req)
    return dressed(setCookie, looks)
  }
  const sticky = expressMiddleware({ ...exchange, dress }, handle)

  const session = function session(req: Request, res: NodeResponse, next: Next): void {
    // Mounted a second time, or somebody else's session is there, or a store written for express-session is not.
    if (req?.session || !isConnected || typeof next !== 'function' || isElsewhere(req, pathOf)) {
      if (typeof next === 'function') next()
      else sticky(req, res, next)
      return
    }
    sticky(req, res, (error?: unknown) => (error ? next(error) : begin(req, res, next)))
  }

  function begin(req: Request, res: NodeResponse, next: Next): void {
    req.sessionStore = store
    // None of ours (`skip`).
    if (!req.sticky) {
      next()
      return
    }
    const visit = new Visit(req, req.sticky, exchange.texts(req.sticky), rules)
    store.host(req, visit)
    holdResponse(res, { settle: () => visit.settle(), fail: next })
    let opening: void | Promise<void>
    try {
      opening = visit.open(settings.migrate?.(req.headers.cookie))
    } catch (error) {
      next(error)
      return
    }
    if (opening) opening.then(() => next(), next)
    else next()
  }

  return Object.assign(session, methodsOf(sticky)) as SessionMiddleware
}

/** All that sticky() is beside a function. */
function methodsOf(sticky: StickyMiddleware): object {
  return Object.fromEntries(Object.entries(sticky))
}

/** Browsers bring the cookie to its path alone. */
function isElsewhere(req: Request, pathOf: (req: object) => unknown): boolean {
  const path = pathOf(req)
  const url = req?.originalUrl ?? req?.url
  if (typeof url !== 'string' || typeof path !== 'string' || path === '' || path === '/') return false
  return !new URL(url, 'http://localhost').pathname.startsWith(path)
}
