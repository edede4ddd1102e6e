import type { Context, Next } from 'hono'
import { createCookieWriter } from '../../core/cookie.ts'
import { LimpetError } from '../../core/errors.ts'
import { addCookie, type ResponseHead } from '../../core/response-head.ts'
import type { Exchange } from '../../ports/exchange.ts'
import type { Sticky } from '../../ports/sticky.ts'
import { createSecureCheck } from '../node/secure.ts'
import { warnTwice } from '../node/visits.ts'
import type { NodeRequest } from '../node/write-head.ts'

type Visit = (c: Context, next: Next) => Promise<undefined>

/**
 * A request without Node's response: the cookie is put on the `Response`, when all that is mounted behind has made it.
 */
export function createFetchVisits(exchange: Exchange): Visit {
  const { cookie, cacheable, clock, hintCookie, skips, dispatch } = exchange
  const rules = { cacheable, isOurs: createCookieWriter(cookie).isOurs, hintCookie, clock }
  const check = createSecureCheck(exchange)
  const mine = new WeakSet<Sticky>()

  return async function visit(c, next) {
    if (dispatch) throw cannotPassOn()
    const found = c.get('sticky') as Sticky | undefined
    if (found || skips?.(requestOf(c))) {
      if (found && !mine.has(found)) warnTwice(exchange)
      await next()
      return undefined
    }
    const { sticky, departure, note } = exchange.arrive({ cookieHeader: c.req.header('cookie') })
    mine.add(sticky)
    c.set('sticky', sticky)
    await next()
    // An upgrade, which no copy can be made of.
    if (c.res.status === 101) return undefined
    const secure = () => {
      const request = shapedLikeNode(c)
      return check.atArrival(request) ?? check.believe(request, {})
    }
    const leaving = {
      setCookie: () => departure.setCookie(secure()),
      hint: () => departure.hint?.(secure()),
      withheld: () => departure.withheld(),
      note,
    }
    addCookie(headOf(c), leaving, rules)
    return undefined
  }
}

const requestOf = (c: Context) => {
  const { pathname, search } = new URL(c.req.url)
  return { method: c.req.method, url: pathname + search, headers: c.req.header() }
}

/** The part of Node's request that says whether the client used https. */
function shapedLikeNode(c: Context): NodeRequest {
  const proto = c.req.header('x-forwarded-proto')
  const socket = { encrypted: c.req.url.startsWith('https:') }
  return { headers: { 'x-forwarded-proto': proto }, socket } as unknown as NodeRequest
}

/** By Hono's own call, since the headers of a Response that was fetched cannot be changed. */
function headOf(c: Context): ResponseHead {
  return {
    getHeaderNames: () => [...new Set(c.res.headers.keys())],
    getHeader: (name) =>
      name.toLowerCase() === 'set-cookie' ? c.res.headers.getSetCookie() : (c.res.headers.get(name) ?? undefined),
    setHeader(name, value) {
      c.header(name, undefined)
      for (const one of [value].flat()) c.header(name, one, { append: true })
    },
    removeHeader: (name) => c.header(name, undefined),
  }
}

function cannotPassOn(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    "misdirected needs Node's own request and response to pass a request on, and this one came without them (c.env.outgoing): serve the application " +
      "with serve() of @hono/node-server; or leave misdirected out, and each backend serves what it gets ('serve')",
  )
}
