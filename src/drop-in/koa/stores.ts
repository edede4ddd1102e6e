import type { ForeignStore, RecordForm } from '../foreign-records.ts'
import { LOOKS } from './looks.ts'
import { isPrivate } from './session.ts'

/** A store written for koa-session, as far as it is used here. */
export interface KoaStore {
  // biome-ignore lint/suspicious/noExplicitAny: koa-session's own types
  get(key: string, maxAge: any, how: any): unknown
  // biome-ignore lint/suspicious/noExplicitAny: koa-session's own types
  set(key: string, session: any, maxAge: any, how: any): unknown
  // biome-ignore lint/suspicious/noExplicitAny: koa-session's own types
  destroy(key: string, how: any): unknown
}

/** Some look at `_expire` in the record, others at the time that they are handed. */
export const KOA_FORM: RecordForm = {
  looksKey: LOOKS,
  isTheirs: isPrivate,
  lasting: (ttl) => ({ _maxAge: ttl, _expire: Date.now() + ttl }),
}

/** koa-session's stores answer with promises, or at once; limpet asks them without a request. */
export function likeExpress(store: KoaStore, maxAge: unknown): ForeignStore {
  const rolling = true
  return {
    get: (id, callback) => void answer(() => store.get(id, maxAge, { rolling, ctx: undefined }), callback),
    set(id, record, callback) {
      void answer(
        () => store.set(id, record, record._maxAge, { changed: true, rolling, ctx: undefined }),
        (error) => callback?.(error),
      )
    },
    destroy: (id, callback) =>
      void answer(
        () => store.destroy(id, { ctx: undefined }),
        (error) => callback?.(error),
      ),
  }
}

async function answer(ask: () => unknown, callback: (error?: unknown, answer?: unknown) => void): Promise<void> {
  let found: unknown
  try {
    found = await ask()
  } catch (error) {
    // Something rejected with may be nothing at all.
    callback(error ?? new Error('the store rejected'))
    return
  }
  callback(undefined, found)
}
