import type { Entries } from '../ports/store.ts'
import type { Texts } from '../ports/texts.ts'
import { ageOf, type Cookie, isSameAge, ownLooks } from './cookie.ts'
import { lifetimeOf } from './cookie-options.ts'
import type { Now } from './ledger.ts'
import type { Brought } from './migrate.ts'
import { COOKIE, pictureOf } from './picture.ts'

/**
 * A session of another library goes on as one of limpet. Whoever comes first writes it, before the application has it:
 * so all others change the same one. `over`: it has ended here, and the request has a new one. `now`: what its record
 * holds.
 */
export async function takeOver(
  texts: Texts,
  { id, read }: Brought,
  now: (record: Record<string, unknown>) => Now,
  looksKey: string,
): Promise<Entries | 'over'> {
  const found = await texts.adopt(id)
  if (found !== 'absent') return found
  const { picture, looks } = now((await read()) ?? {})
  if (picture.size === 0) return picture
  const expect = new Map(Array.from(picture.keys(), (key) => [key, undefined]))
  const entries = new Map(picture)
  if (looks !== undefined) entries.set(looksKey, looks)
  const others = await texts.write({ set: entries, delete: [], expect, lifetime: lifetimeOf(looks) })
  return others ? ((await texts.reread()) ?? 'over') : entries
}

/** What a record of express-session holds. */
export function expressRecord(record: Record<string, unknown>, usual: () => Cookie): Now {
  const cookie = usual()
  const age = ageOf(Object(record[COOKIE]))
  if (!isSameAge(age, cookie.originalMaxAge)) cookie.maxAge = age
  return { picture: pictureOf(record), looks: ownLooks(cookie, usual()) }
}
