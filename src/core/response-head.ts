import { setCookieValue, sets } from './cookie.ts'
import { addTiming } from './server-timing.ts'
import {
  isTargeted,
  madePrivate,
  sharedCacheMayReuse,
  sharedCacheMayStore,
  sharedCacheMayStoreUntil,
} from './shared-cache.ts'

type Value = number | string | readonly string[]

/** The head of a response that is about to leave, as far as our cookie has to do with it. Names in any spelling. */
export interface ResponseHead {
  /** In small letters. */
  getHeaderNames(): readonly string[]
  getHeader(name: string): Value | undefined
  setHeader(name: string, value: string | readonly string[]): unknown
  removeHeader(name: string): unknown
}

/** What is the same for every response. */
export interface CookieRules {
  readonly cacheable: 'skip' | 'private' | 'emit'
  /** True for a Set-Cookie value, written by anybody, that sets our cookie. */
  readonly isOurs: (setCookie: string) => boolean
  /** The name of the cookie that tells the load balancer of the owner; undefined: there is none. */
  readonly hintCookie?: string | undefined
  /** Milliseconds since 1970. */
  readonly clock: () => number
}

/** Whose cookie it is. */
export interface Leaving {
  /**
   * The whole value of our Set-Cookie; undefined: this response must not carry one. `relayed`: values of cookies of our
   * name that stand in the head, which may be those of another limpet behind this one; undefined: none.
   */
  setCookie(relayed?: readonly string[]): string | undefined
  /** Asked after `setCookie`, when that gave one: the whole value of the hint's Set-Cookie; undefined: none is due. */
  hint(): string | undefined
  /** The response is one that a shared cache may store, so it goes without the cookie. */
  withheld(): void
  /** What the response says in `Server-Timing`, asked for after the cookie; undefined: nobody wants that. */
  readonly note?: (() => string) | undefined
}

/**
 * Puts our cookie, and the hint with it, on a response, or keeps both off, so that no shared cache hands them to
 * somebody else (law 9). Cookies of others stay.
 */
export function addCookie(head: ResponseHead, leaving: Leaving, rules: CookieRules): void {
  put(head, leaving, rules)
  if (leaving.note !== undefined) addTiming(head, leaving.note())
}

function put(head: ResponseHead, leaving: Leaving, rules: CookieRules): void {
  const { cacheable, hintCookie, clock } = rules
  const { cacheControl, expires, targets, cookies } = lookAt(head)
  const reusable = sharedCacheMayReuse(cacheControl, targets?.fields)
  const { others, relayed } = sorted(cookies, rules)
  const mine = reusable && cacheable === 'skip' ? undefined : leaving.setCookie(relayed)
  if (mine === undefined) {
    if (reusable) leaving.withheld()
    if (others === undefined) return
    if (others.length === 0) head.removeHeader('Set-Cookie')
    else head.setHeader('Set-Cookie', others)
    return
  }
  const hint = hintCookie === undefined ? undefined : leaving.hint()
  const ours = hint === undefined ? [mine] : [mine, hint]
  head.setHeader('Set-Cookie', others === undefined && hint === undefined ? mine : [...(others ?? []), ...ours])
  if (cacheable === 'emit') return
  if (reusable && targets) for (const name of targets.names) head.removeHeader(name)
  if (
    reusable ||
    (cacheControl !== undefined && sharedCacheMayStore(cacheControl)) ||
    (expires !== undefined && sharedCacheMayStoreUntil(expires, cacheControl, clock()))
  ) {
    head.setHeader('Cache-Control', madePrivate(cacheControl ?? ''))
  }
}

interface Seen {
  cacheControl: string | undefined
  expires: string | undefined
  /** Fields that speak to shared caches alone. */
  targets: { names: string[]; fields: string[] } | undefined
  cookies: Value | undefined
}

/**
 * What stands in the head so far that matters here. One list of names instead of a question for each: Express gives
 * every response a hidden class of its own, so that each call on it costs about a microsecond (Node 20 and 22).
 */
function lookAt(head: ResponseHead): Seen {
  const seen: Seen = { cacheControl: undefined, expires: undefined, targets: undefined, cookies: undefined }
  for (const name of head.getHeaderNames()) {
    if (name === 'set-cookie') seen.cookies = head.getHeader(name)
    else if (name === 'cache-control') seen.cacheControl = String(head.getHeader(name))
    else if (name === 'expires') seen.expires = String(head.getHeader(name))
    else if (isTargeted(name)) {
      seen.targets ??= { names: [], fields: [] }
      seen.targets.names.push(name)
      seen.targets.fields.push(String(head.getHeader(name)))
    }
  }
  return seen
}

interface Cookies {
  /** Those that others set. */
  readonly others: readonly string[] | undefined
  /**
   * The values of those of our name: relayed from another limpet, or a leftover of a failed writeHead, or a mistake.
   */
  readonly relayed: readonly string[] | undefined
}

function sorted(header: Value | undefined, { isOurs, hintCookie }: CookieRules): Cookies {
  if (header === undefined) return NONE
  const list = Array.isArray(header) ? (header as readonly string[]) : [String(header)]
  const others = list.filter((cookie) => !isOurs(cookie) && (hintCookie === undefined || !sets(cookie, hintCookie)))
  if (others.length === list.length) return { others, relayed: undefined }
  const relayed = list.filter(isOurs).map(setCookieValue)
  return { others, relayed: relayed.length > 0 ? relayed : undefined }
}

const NONE: Cookies = { others: undefined, relayed: undefined }
