import type { Next } from 'koa'
import { holdResponse } from '../../adapters/node/hold.ts'
import { koaMiddleware, type StickyMiddleware } from '../../adapters/node/koa.ts'
import type { NodeResponse } from '../../adapters/node/write-head.ts'
import type { Exchange, Handle } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { Cookie } from '../cookie.ts'
import { dressed } from '../dress.ts'
import { extendContext, hold, isTaken } from './context.ts'
import { cookieLooks } from './looks.ts'
import type { MigrateContext } from './migrate.ts'
import type { KoaSettings } from './options.ts'
import type { KoaRules, SessionContext } from './rules.ts'
import { KoaVisit } from './visit.ts'

type Context = SessionContext &
  MigrateContext & {
    readonly req: object
    readonly res: { readonly headersSent: boolean; destroy(): unknown }
    sticky?: Sticky
    onerror(error: unknown): void
  }

/** Of an application, what is used here. */
export interface SessionApp {
  readonly context: object
  readonly keys?: unknown
}

/** For Koa 2 and 3. Middleware that puts a session on `ctx.session`, as koa-session does. */
export function koaSessionMiddleware(
  exchange: Exchange,
  handle: Handle,
  settings: KoaSettings,
  app: SessionApp,
): StickyMiddleware {
  // One warning of a kind is all that is said.
  if (settings.notes.length > 0) exchange.warn('no-meaning', settings.notes.join('. '))
  const rules: KoaRules = { ...settings, emit: exchange.emit }
  const visits = new WeakMap<object, KoaVisit>()
  extendContext(app.context, settings.options)

  const dress = (request: object, setCookie: string) => {
    const options = visits.get(request)?.options ?? settings.options
    return dressed(setCookie, new Cookie(cookieLooks(options, /; secure(;|$)/i.test(setCookie))))
  }
  const sticky = koaMiddleware({ ...exchange, dress }, handle)

  const session = function session(ctx: Context, next: Next): Promise<unknown> {
    if (typeof next !== 'function' || ctx.req?.headers === undefined) return call(sticky, ctx, next)
    // Mounted a second time.
    if (isTaken(ctx)) return next()
    if (!settings.hasSecret && Array.isArray(app.keys)) exchange.warn('no-meaning', LATE_KEYS)
    return call(sticky, ctx, () => serve(ctx, next))
  }

  async function serve(ctx: Context, next: Next): Promise<unknown> {
    // None of ours (`skip`).
    if (!ctx.sticky) return next()
    const visit = new KoaVisit(ctx, ctx.sticky, exchange.texts(ctx.sticky), rules)
    visits.set(ctx.req, visit)
    hold(ctx, visit)
    holdResponse(ctx.res as unknown as NodeResponse, {
      settle: () => visit.settle(),
      fail: (error) => failed(ctx, error),
    })
    await visit.open(settings.migrate?.(ctx))
    try {
      return await next()
    } finally {
      await visit.settle()
    }
  }

  return Object.assign(session, Object.fromEntries(Object.entries(sticky))) as unknown as StickyMiddleware
}

const LATE_KEYS =
  'app.keys was set after session() was called, and signs no session: set app.keys first, or pass session({ secret }, app)'

function call(sticky: StickyMiddleware, ctx: object, next: Next): Promise<unknown> {
  return (sticky as unknown as (ctx: object, next: Next) => Promise<unknown>)(ctx, next)
}

/** Koa answers. Where the head has left nobody may take the response for whole. */
function failed(ctx: Context, error: unknown): void {
  const isHeadGone = ctx.res.headersSent
  ctx.onerror(error)
  if (isHeadGone) ctx.res.destroy()
}
