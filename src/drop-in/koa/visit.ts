import { decodeValue } from '../../core/json.ts'
import type { Sticky } from '../../ports/sticky.ts'
import type { Entries } from '../../ports/store.ts'
import type { Texts } from '../../ports/texts.ts'
import { callBack } from '../callback.ts'
import { areSameLooks } from '../cookie.ts'
import type { Brought } from '../migrate.ts'
import { changedKeys, pictureOf } from '../picture.ts'
import { Saver } from '../saver.ts'
import { takeOver } from '../take-over.ts'
import { EMPTY, LOOKS, looksOf, maxAgeOf } from './looks.ts'
import { koaRecord } from './migrate.ts'
import type { KoaRules, SessionContext, SessionSettings } from './rules.ts'
import { type CommitHow, type Done, isShown, type Keeper, KoaSession } from './session.ts'

/** One request's `ctx.session`: what it was when it was read, and what is to be written of what became of it. */
export class KoaVisit implements Keeper {
  /** `ctx.sessionOptions`: those of this session, whose `maxAge` may be its own. */
  readonly options: SessionSettings
  readonly #ctx: SessionContext
  readonly #sticky: Sticky
  readonly #texts: Texts
  readonly #rules: KoaRules
  readonly #saver: Saver
  /** Null: it is to be logged out, or was. Undefined: it is not read yet. */
  #session: KoaSession | null | undefined
  /** The logout of `null` was tried: whoever waited for it knows what became of it. */
  #removed = false
  /** What is stored is not valid to the application, and is left behind by what this request saves. */
  #isInvalid = false
  /** Ends the session of koa-session that this one has come of, or is beside. */
  #endOld: (() => Promise<unknown>) | undefined
  /** What could not be saved, and somebody was told so: it is not tried again behind their back. */
  #told: Entries | undefined
  /** It holds what is no JSON, and the error was thrown. */
  #isNoJson = false

  constructor(ctx: SessionContext, sticky: Sticky, texts: Texts, rules: KoaRules) {
    this.options = { ...rules.options }
    this.#ctx = ctx
    this.#sticky = sticky
    this.#texts = texts
    this.#rules = rules
    this.#saver = new Saver(sticky, texts, rules, LOOKS)
  }

  async open(brought?: Brought): Promise<void> {
    this.#endOld = brought?.end
    if (!brought || this.#sticky.state !== 'new') {
      this.#show(await this.#texts.read())
      return
    }
    const entries = await takeOver(this.#texts, brought, (record) => koaRecord(record, this.maxAge), LOOKS)
    this.#show(entries === 'over' ? new Map() : entries)
  }

  get session(): KoaSession | null {
    return this.#session ?? null
  }

  set(value: unknown): void {
    if (typeof value !== 'object') throw new TypeError('ctx.session can be set to an object, or to null for a logout')
    this.#removed = false
    this.#session = value === null ? null : new KoaSession(this, value)
  }

  get externalKey(): string | undefined {
    return this.#sticky.id
  }

  get maxAge(): unknown {
    return this.options.maxAge
  }

  set maxAge(age: unknown) {
    this.options.maxAge = age
  }

  /**
   * What has to be done before the response leaves: undefined, or a promise that rejects when it could not be saved.
   * Throws `ERR_LIMPET_VALUE` for what is no JSON.
   */
  settle(): Promise<unknown> | undefined {
    const idle = this.#saver.idle()
    if (idle) return idle.then(() => this.settle())
    const session = this.#session
    if (!this.#rules.autoCommit || session === undefined) return undefined
    if (session === null) return this.#removed ? undefined : this.#commit({}, true)
    return this.#isDue(session) ? this.#commit({}, true) : undefined
  }

  #isDue(session: KoaSession): boolean {
    if (this.#isNoJson) return false
    try {
      if (!this.#isChanged(session)) return false
      return !this.#told || changedKeys(this.#told, picture(session)).length > 0
    } catch (error) {
      this.#isNoJson = true
      throw error
    }
  }

  commit(how: CommitHow, callback?: Done): Promise<void> | undefined {
    const work = this.#commit(how, callback !== undefined)
    if (callback) callBack(work, callback)
    // Of a promise that nobody waits for the response tells, which tries once more.
    else work.catch(() => undefined)
    return callback ? undefined : work
  }

  #commit(how: CommitHow, isTold: boolean): Promise<void> {
    return this.#saver.inTurn(async () => {
      const session = this.#session
      if (session === undefined) return
      try {
        if (session === null) await this.#remove()
        else await this.#save(session, how)
      } catch (error) {
        if (isTold && session !== null) this.#told = picture(session)
        throw error
      }
    })
  }

  async #remove(): Promise<void> {
    if (this.#removed) return
    this.#removed = true
    try {
      await Promise.all([this.#sticky.session.destroy(), this.#endOld?.()])
    } finally {
      // The request goes on with another session, whether or not the store could be told.
      this.#begin()
    }
  }

  async #save(session: KoaSession, { save = false, regenerate = false }: CommitHow): Promise<void> {
    if (regenerate) {
      await this.#sticky.regenerate()
      await this.#endOld?.()
    }
    if (!save && !regenerate && !this.#isChanged(session)) return
    this.#rules.beforeSave?.(this.#ctx, session)
    if (this.#isInvalid) {
      if (!regenerate) await this.#sticky.regenerate()
      this.#saver.anew = true
      this.#isInvalid = false
    }
    const now = picture(session)
    const looks = this.#looks()
    await this.#saver.save({ picture: now, looks: now.size === 0 ? (looks ?? EMPTY) : looks })
    this.#told = undefined
  }

  #isChanged(session: KoaSession): boolean {
    const { ledger } = this.#saver
    return ledger.hasChanged(picture(session)) || !areSameLooks(this.#looks(), ledger.looks)
  }

  #looks(): string | undefined {
    const looks = looksOf(this.options.maxAge, this.#rules.options.maxAge)
    return looks === undefined && this.#saver.ledger.looks === EMPTY ? EMPTY : looks
  }

  #begin(): void {
    this.#saver.wrote = false
    this.#saver.ledger.begin(undefined)
    this.options.maxAge = this.#rules.options.maxAge
  }

  #show(entries: Entries): void {
    const seen = new Map<string, string>()
    const data: Record<string, unknown> = {}
    for (const [key, text] of entries) {
      if (key === LOOKS || !isShown(key)) continue
      data[key] = decodeValue(text)
      seen.set(key, text)
    }
    const isStored = entries.size > 0
    if (!isStored) this.#tell(this.#whyEmpty(), undefined)
    this.#isInvalid = isStored && this.#rules.valid !== undefined && !this.#rules.valid(this.#ctx, data)
    if (this.#isInvalid) {
      this.#tell('invalid', data)
      this.#begin()
      this.#session = new KoaSession(this)
      return
    }
    this.options.maxAge = maxAgeOf(entries.get(LOOKS), this.#rules.options.maxAge)
    this.#saver.ledger.read(entries, seen)
    this.#session = new KoaSession(this, isStored ? data : undefined)
  }

  /** Why a client that brought a cookie has nothing. Undefined: it brought none, or has never stored anything. */
  #whyEmpty(): 'missed' | 'expired' | undefined {
    const { reason, session } = this.#sticky
    if (reason === 'no-cookie') return undefined
    if (reason === 'valid') return session.behind ? 'missed' : undefined
    return reason === 'expired' || reason === 'too-old' ? 'expired' : 'missed'
  }

  #tell(what: 'missed' | 'expired' | 'invalid' | undefined, value: unknown): void {
    if (what === undefined) return
    const about = { key: this.externalKey, value, ctx: this.#ctx }
    setImmediate(() => void this.#ctx.app.emit(`session:${what}`, about))
  }
}

const picture = (session: KoaSession) => pictureOf(session.toJSON(), LOOKS)
