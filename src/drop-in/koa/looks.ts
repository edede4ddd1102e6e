import type { SessionSettings } from './rules.ts'

/** Under which a session's own `maxAge` is stored: koa-session stores nothing of an application that begins so. */
export const LOOKS = '_cookie'

/** Stored for a session without data that is to be there all the same. */
export const EMPTY = '{}'

/** What is stored of a session's own `maxAge`; undefined: it is the one that is configured. */
export function looksOf(maxAge: unknown, configured: unknown): string | undefined {
  if (maxAge === configured) return undefined
  return JSON.stringify({ originalMaxAge: ageOf(maxAge) })
}

/** The `maxAge` that a text of `looksOf` stands for. */
export function maxAgeOf(looks: string | undefined, configured: unknown): unknown {
  const { originalMaxAge } = looks === undefined ? {} : JSON.parse(looks)
  return originalMaxAge === undefined ? configured : (originalMaxAge ?? 'session')
}

/** Milliseconds; null: the cookie ends with the browser. */
export function ageOf(maxAge: unknown): number | null {
  return typeof maxAge === 'number' && Number.isFinite(maxAge) ? maxAge : null
}

/** The attributes of this session's cookie. */
export function cookieLooks(options: SessionSettings, secure: boolean): Record<string, unknown> {
  const { path, domain, httpOnly, sameSite, partitioned, priority, maxAge } = options
  return { path: path ?? '/', domain, httpOnly, secure, sameSite, partitioned, priority, maxAge: ageOf(maxAge) }
}
