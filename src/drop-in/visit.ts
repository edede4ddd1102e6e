import { decodeValue } from '../core/json.ts'
import type { Sticky } from '../ports/sticky.ts'
import type { Entries } from '../ports/store.ts'
import type { Texts } from '../ports/texts.ts'
import { areSameLooks, type Cookie, ownLooks } from './cookie.ts'
import type { Brought } from './migrate.ts'
import { COOKIE, changedKeys, pictureOf } from './picture.ts'
import { over } from './refusals.ts'
import type { Rules } from './rules.ts'
import { Saver } from './saver.ts'
import { type Bearer, Session } from './session.ts'
import { expressRecord, takeOver } from './take-over.ts'

/** One request's session: what it was when it was read, and what is to be written of what became of it. */
export class Visit {
  readonly #req: Bearer
  readonly #sticky: Sticky
  readonly #texts: Texts
  readonly #rules: Rules
  readonly #saver: Saver
  /** Ends the session of express-session that this one has come of, or is beside. */
  #endOld: (() => Promise<unknown>) | undefined
  #over = false
  /** False: it could not be read, so that there is nothing to save. */
  #isOpen = false
  /** What could not be saved, and the application was told so: it is not tried again behind its back. */
  #told: Entries | undefined

  constructor(req: Bearer, sticky: Sticky, texts: Texts, rules: Rules) {
    this.#req = req
    this.#sticky = sticky
    this.#texts = texts
    this.#rules = rules
    this.#saver = new Saver(sticky, texts, rules, COOKIE)
  }

  /** Reads the session and puts it on the request. Not a promise where a copy answers. */
  open(brought?: Brought): void | Promise<void> {
    this.#endOld = brought?.end
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
    const idle = this.#saver.idle()
    if (idle) return idle.then(() => this.settle())
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
    return this.#saver.inTurn(() => this.#save(session))
  }

  /** Rejects when there is no such session any more. */
  reload(): Promise<unknown> {
    return this.#saver.inTurn(async () => {
      const entries = this.#saver.anew || this.#over ? undefined : await this.#texts.reread()
      if (!entries) throw new Error('failed to load session')
      this.#show(entries)
    })
  }

  /** The session is logged out; the request goes on without one. */
  destroy(): Promise<unknown> {
    return this.#saver.inTurn(async () => {
      this.#over = true
      try {
        await Promise.all([this.#sticky.session.destroy(), this.#leaveOld()])
      } finally {
        // The response brings the cookie of this one, whether or not the store could be told.
        this.#req.sessionID = this.#sticky.id
      }
    })
  }

  /** A new id and an empty session; what was there under the old id is gone. */
  regenerate(): Promise<unknown> {
    return this.#saver.inTurn(async () => {
      // After destroy() the request has a new session already.
      if (!this.#over) {
        await this.#sticky.regenerate()
        await this.#leaveOld()
        this.#saver.anew = true
      }
      this.#begin()
    })
  }

  /** A new session, where the request has none any more. */
  begin(): void {
    this.#begin()
  }

  async #takeOver(brought: Brought): Promise<void> {
    const entries = await takeOver(
      this.#texts,
      brought,
      (record) => expressRecord(record, () => this.#rules.usual(this.#req)),
      COOKIE,
    )
    if (entries === 'over') this.#begin()
    else this.#show(entries)
  }

  /** After a logout or a login, old backends must not know the client by what it was. */
  async #leaveOld(): Promise<void> {
    await this.#endOld?.()
  }

  #begin(): void {
    this.#over = false
    this.#saver.wrote = false
    const session = this.#put(this.#rules.first(this.#req))
    this.#saver.ledger.begin(this.#looksOf(session))
  }

  #show(entries: Entries): void {
    if (this.#sticky.state === 'new' && !this.#saver.wrote) {
      this.#begin()
      return
    }
    const session = this.#put(this.#rules.usual(this.#req, entries.get(COOKIE))) as unknown as Record<string, unknown>
    const seen = new Map<string, string>()
    for (const [key, text] of entries) {
      // Neither a method's name nor that of the cookie: what a session cannot show it does not lose either.
      if (key in session) continue
      session[key] = decodeValue(text)
      seen.set(key, text)
    }
    this.#saver.ledger.read(entries, seen)
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
    return cookie === undefined ? this.#saver.ledger.looks : ownLooks(cookie, this.#rules.usual(this.#req))
  }

  #isChanged(session: object): boolean {
    if (this.#saver.anew || this.#saver.ledger.hasChanged(pictureOf(session))) return true
    // A cookie alone makes no session.
    const isStored = this.#saver.wrote || this.#sticky.state !== 'new'
    return isStored && !areSameLooks(this.#looksOf(session), this.#saver.ledger.looks)
  }

  async #save(session: object): Promise<void> {
    if (this.#over) throw over()
    await this.#saver.save({ picture: pictureOf(session), looks: this.#looksOf(session) })
    this.#told = undefined
  }
}
