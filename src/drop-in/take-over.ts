import type { Entries } from '../ports/store.ts'
import type { Texts } from '../ports/texts.ts'
import { ageOf, type Cookie, isSameAge, ownLooks } from './cookie.ts'
import { lifetimeOf } from './cookie-options.ts'
import type { Brought } from './migrate.ts'
import { COOKIE, pictureOf } from './picture.ts'

/**
 * A session of express-session goes on as one of limpet. Whoever comes first writes it, before the application has it:
 * so all others change the same one. `over`: it has ended here, and the request has a new one.
 */
export async function takeOver(texts: Texts, { id, read }: Brought, usual: () => Cookie): Promise<Entries | 'over'> {
  const found = await texts.adopt(id)
  if (found !== 'absent') return found
  const record = (await read()) ?? {}
  const entries = pictureOf(record)
  if (entries.size === 0) return entries
  const expect = new Map(Array.from(entries.keys(), (key) => [key, undefined]))
  const looks = looksOf(record, usual)
  if (looks !== undefined) entries.set(COOKIE, looks)
  const others = await texts.write({ set: entries, delete: [], expect, lifetime: lifetimeOf(looks) })
  return others ? ((await texts.reread()) ?? 'over') : entries
}

/** What the cookie of a record of express-session has of its own. */
function looksOf(record: Record<string, unknown>, usual: () => Cookie): string | undefined {
  const cookie = usual()
  const age = ageOf(Object(record[COOKIE]))
  if (!isSameAge(age, cookie.originalMaxAge)) cookie.maxAge = age
  return ownLooks(cookie, usual())
}
