import { LimpetError } from '../core/errors.ts'
import { decodeValue } from '../core/json.ts'
import type { Events } from '../ports/events.ts'
import type { Sticky } from '../ports/sticky.ts'
import type { Entries } from '../ports/store.ts'
import type { Texts } from '../ports/texts.ts'
import type { Settle } from './conflict.ts'
import { ageOf, areSameLooks, type Cookie, isSameAge, ownLooks } from './cookie.ts'
import { lifetimeOf } from './cookie-options.ts'
import type { Brought } from './migrate.ts'
import { COOKIE, changedKeys, pictureOf } from './picture.ts'
import { type Bearer, Session } from './session.ts'

/** After so many of these it asks to be let through. */
const CLAIM_AFTER = 3
/** How often a write begins anew when others are quicker. */
const ATTEMPTS = 20

/** What all requests of one session() have in common. */
export interface Rules {
  readonly settle: Settle
  readonly emit: Events['emit']
  /** `unset: 'destroy'`: a session that was taken off the request is logged out. */
  readonly unsetDestroys: boolean
  /** The cookie that is configured, for this request; a new one each time. `looks`: what this session's has instead. */
  usual(req: object, looks?: string): Cookie
  /** The cookie of a session that begins: the same, but where `cookie` is a function. */
  first(req: object): Cookie
}

/** One request's session: what it was when it was read, and what is to be written of what became of it. */
export class Visit {
  readonly #req: Bearer
  readonly #sticky: Sticky
  readonly #texts: Texts
  readonly #rules: Rules
  /** The text of each key as `req.session` had it when it was last the same as in the store. */
  #seen: Entries = new Map()
  /** What the store had then: by a merge more than the application has seen. */
  #stored: Map<string, string | undefined> = new Map()
  /** `ownLooks` of the cookie, then and there. */
  #looks: { seen: string | undefined; stored: string | undefined } = { seen: undefined, stored: undefined }
  /** The session has a new id, and what it held under the old one is not to go along. */
  #anew = false
  #wrote = false
  #over = false
  /** False: it could not be read, so that there is nothing to save. */
  #isOpen = false
  /** What could not be saved, and the application was told so: it is not tried again behind its back. */
  #told: Entries | undefined
  /** What is under way: saves come one after the other. */
  #turn: Promise<unknown> | undefined

  constructor(req: Bearer, sticky: Sticky, texts: Texts, rules: Rules) {
    this.#req = req
    this.#sticky = sticky
    this.#texts = texts
    this.#rules = rules
  }

  /** Reads the session and puts it on the request. Not a promise where a copy answers. */
  open(brought?: Brought): void | Promise<void> {
    if (brought && this.#sticky.state === 'new') return this.#takeOver(brought)
    const entries = this.#texts.read()
    if (entries instanceof Promise) return entries.then((loaded) => this.#show(loaded))
    this.#show(entries)
  }

  /** Is this the session that the request has now? */
  isOf(session: object): boolean {
    return !this.#over && (session as Session).id === this.#sticky.id
  }

  /**
   * What has to be done before the response leaves: undefined, or a promise that rejects when it could not be saved.
   * Throws `ERR_LIMPET_VALUE` for what is no JSON.
   */
  settle(): Promise<unknown> | undefined {
    if (this.#turn) return this.#turn.then(nothing, nothing).then(() => this.settle())
    if (!this.#isOpen) return undefined
    const { session } = this.#req
    if (session === undefined || session === null) {
      return this.#rules.unsetDestroys && !this.#over ? this.destroy() : undefined
    }
    if (this.#over || typeof session !== 'object' || !this.#isChanged(session)) return undefined
    if (this.#told && changedKeys(this.#told, pictureOf(session)).length === 0) return undefined
    return this.save(session)
  }

  /** The same for one that the application holds: it may be that of an id which is over. */
  async saveOf(session: object, isTold: boolean): Promise<void> {
    if (!this.isOf(session)) throw over()
    try {
      await this.save(session)
    } catch (error) {
      if (isTold) this.#told = pictureOf(session)
      throw error
    }
  }

  save(session: object): Promise<unknown> {
    return this.#inTurn(() => this.#save(session))
  }

  /** Rejects when there is no such session any more. */
  reload(): Promise<unknown> {
    return this.#inTurn(async () => {
      const entries = this.#anew || this.#over ? undefined : await this.#texts.reread()
      if (!entries) throw new Error('failed to load session')
      this.#show(entries)
    })
  }

  /** The session is logged out; the request goes on without one. */
  destroy(): Promise<unknown> {
    return this.#inTurn(async () => {
      this.#over = true
      try {
        await this.#sticky.session.destroy()
      } finally {
        // The response brings the cookie of this one, whether or not the store could be told.
        this.#req.sessionID = this.#sticky.id
      }
    })
  }

  /** A new id and an empty session; what was there under the old id is gone. */
  regenerate(): Promise<unknown> {
    return this.#inTurn(async () => {
      // After destroy() the request has a new session already.
      if (!this.#over) {
        await this.#sticky.regenerate()
        this.#anew = true
      }
      this.#begin()
    })
  }

  /** A new session, where the request has none any more. */
  begin(): void {
    this.#begin()
  }

  /**
   * A session of express-session goes on as one of limpet. Whoever comes first writes it, before the application has
   * it: so all others change the same one.
   */
  async #takeOver({ id, read }: Brought): Promise<void> {
    let entries = await this.#texts.adopt(id)
    if (entries === 'absent') entries = await this.#write(await read())
    if (entries === 'over') this.#begin()
    else this.#show(entries)
  }

  async #write(record: Record<string, unknown> = {}): Promise<Entries | 'over'> {
    const entries = pictureOf(record)
    const expect = new Map(Array.from(entries.keys(), (key) => [key, undefined]))
    const cookie = this.#rules.usual(this.#req)
    const age = ageOf(Object(record[COOKIE]))
    if (!isSameAge(age, cookie.originalMaxAge)) cookie.maxAge = age
    const looks = ownLooks(cookie, this.#rules.usual(this.#req))
    if (entries.size === 0) return entries
    if (looks !== undefined) entries.set(COOKIE, looks)
    const others = await this.#texts.write({ set: entries, delete: [], expect, lifetime: lifetimeOf(looks) })
    return others ? ((await this.#texts.reread()) ?? 'over') : entries
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn ? this.#turn.then(work, work) : work()
    this.#turn = mine
    const done = () => {
      if (this.#turn === mine) this.#turn = undefined
    }
    mine.then(done, done)
    return mine
  }

  #begin(): void {
    this.#over = false
    this.#wrote = false
    const session = this.#put(this.#rules.first(this.#req))
    this.#seen = new Map()
    this.#stored = new Map()
    this.#looks = { seen: this.#looksOf(session), stored: undefined }
  }

  #show(entries: Entries): void {
    if (this.#sticky.state === 'new' && !this.#wrote) {
      this.#begin()
      return
    }
    const looks = entries.get(COOKIE)
    const session = this.#put(this.#rules.usual(this.#req, looks)) as unknown as Record<string, unknown>
    const seen = new Map<string, string>()
    for (const [key, text] of entries) {
      // Neither a method's name nor that of the cookie: what a session cannot show it does not lose either.
      if (key in session) continue
      session[key] = decodeValue(text)
      seen.set(key, text)
    }
    this.#seen = seen
    this.#stored = new Map(entries)
    this.#looks = { seen: looks, stored: looks }
  }

  #put(cookie: Cookie): Session {
    this.#isOpen = true
    this.#req.sessionID = this.#sticky.id
    const session = new Session(this.#req)
    session.cookie = cookie
    this.#req.session = session
    return session
  }

  #looksOf(session: object): string | undefined {
    const { cookie } = session as Partial<Session>
    // A plain object that took the session's place has none, and so keeps what there was.
    return cookie === undefined ? this.#looks.seen : ownLooks(cookie, this.#rules.usual(this.#req))
  }

  #isChanged(session: object): boolean {
    if (this.#anew || changedKeys(this.#seen, pictureOf(session)).length > 0) return true
    // A cookie alone makes no session.
    const isStored = this.#wrote || this.#sticky.state !== 'new'
    return isStored && !areSameLooks(this.#looksOf(session), this.#looks.seen)
  }

  async #save(session: object): Promise<void> {
    if (this.#over) throw over()
    const now = pictureOf(session)
    const looks = this.#looksOf(session)
    const keys = changedKeys(this.#seen, now)
    const base = new Map(keys.map((key) => [key, this.#seen.get(key)]))
    const clashes = new Set<string>()
    let contested: string | undefined
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const edit = this.#edit(keys, base, now, looks, clashes)
      if (!edit) break
      const found = await this.#texts.write({ ...edit, next: attempt < CLAIM_AFTER ? undefined : contested })
      if (!found) {
        for (const [key, text] of edit.set) this.#stored.set(key, text)
        for (const key of edit.delete) this.#stored.delete(key)
        this.#wrote = true
        this.#anew = false
        break
      }
      if (attempt === ATTEMPTS - 1) throw tooMany()
      contested = [...found].find(([key, text]) => edit.expect?.has(key) && text !== this.#stored.get(key))?.[0]
      for (const [key, text] of found) this.#stored.set(key, text)
    }
    this.#seen = now
    this.#told = undefined
    this.#looks = { seen: looks, stored: looks }
    if (clashes.size > 0) this.#rules.emit({ type: 'conflict', id: this.#sticky.id, paths: [...clashes] })
  }

  /** What is to be written, over what the store is known to hold. Undefined: nothing. */
  #edit(
    keys: readonly string[],
    base: ReadonlyMap<string, string | undefined>,
    now: Entries,
    looks: string | undefined,
    clashes: Set<string>,
  ) {
    const set = new Map<string, string>()
    const gone: string[] = []
    const expect = new Map<string, string | undefined>()
    clashes.clear()
    for (const key of keys) {
      const [was, mine, theirs] = [base.get(key), now.get(key), this.#stored.get(key)]
      const { text, clashes: at } = was === theirs ? UNDISPUTED(mine) : this.#rules.settle(key, was, mine, theirs)
      for (const path of at) clashes.add(path)
      if (text === theirs) continue
      if (text === undefined) gone.push(key)
      else set.set(key, text)
      if (!this.#anew) expect.set(key, theirs)
    }
    const hasLooks = areSameLooks(looks, this.#looks.stored)
    if (!hasLooks && looks !== undefined) set.set(COOKIE, looks)
    if (!hasLooks && looks === undefined && !this.#anew) gone.push(COOKIE)
    if (set.size === 0 && gone.length === 0 && !this.#anew) return undefined
    const lifetime = hasLooks ? undefined : lifetimeOf(looks)
    return { set, delete: gone, expect: expect.size > 0 ? expect : undefined, lifetime, anew: this.#anew }
  }
}

const UNDISPUTED = (text: string | undefined) => ({ text, clashes: [] as readonly string[] })

function nothing(): void {}

function over(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_DESTROYED',
    'this session was destroyed, or has another id by now, and nothing was saved: use req.session of the moment, and begin anew with ' +
      'req.session.regenerate(callback) after a destroy',
  )
}

function tooMany(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CONFLICT',
    `other requests changed the same keys of the session ${ATTEMPTS} times while this one was to be saved: nothing of it was written. ` +
      'Answer with 409 and let the client try again',
  )
}
