import { EventEmitter } from 'node:events'
import { LimpetError } from '../core/errors.ts'
import type { Outside } from '../ports/exchange.ts'
import { type Callback, callBack } from './callback.ts'
import type { Cookie } from './cookie.ts'
import { ownLooks } from './cookie.ts'
import type { ForeignStore } from './foreign-records.ts'
import { COOKIE, pictureOf } from './picture.ts'
import { type Bearer, type Owner, Session } from './session.ts'
import type { Visit } from './visit.ts'

type Data = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: express-session's own type
type Answer<T> = (error: any, answer?: T) => void

/**
 * `req.sessionStore`: what express-session's stores offer, over sessions of limpet. It makes no session, and lists
 * none.
 */
export class SessionStore extends EventEmitter implements Owner {
  readonly #outside: Outside
  readonly #usual: (looks?: string) => Cookie
  readonly #foreign: ForeignStore | undefined
  readonly #visits = new WeakMap<object, Visit>()

  /** `usual`: the cookie that is configured; `looks`: what one session's has instead. */
  constructor(outside: Outside, usual: (looks?: string) => Cookie, foreign?: ForeignStore) {
    super()
    this.#outside = outside
    this.#usual = usual
    this.#foreign = foreign
    for (const event of ['connect', 'disconnect']) foreign?.on?.(event, () => void this.emit(event))
    // It is one for each middleware, and shared by all who listen.
    this.setMaxListeners(0)
  }

  /** From now on this request's session is that of a visit. */
  host(req: object, visit: Visit): void {
    this.#visits.set(req, visit)
  }

  visitOf(req: object): Visit | undefined {
    return this.#visits.get(req)
  }

  get(id: string, callback: Answer<Data>): void {
    this.#read(id).then(
      (data) => setImmediate(() => callback(null, data)),
      (error) => setImmediate(() => callback(error)),
    )
  }

  /** The whole session becomes what is given. It must be there: a store outside of a request makes none. */
  set(id: string, session: object, callback?: Callback): void {
    callBack(this.#write(id, session), callback)
  }

  destroy(id: string, callback?: Callback): void {
    callBack(
      attempt(() => this.#outside.session(id).destroy(), isNoId),
      callback,
    )
  }

  touch(id: string, _session: object, callback?: Callback): void {
    callBack(
      attempt(() => this.#outside.session(id).touch(), isNotThere),
      callback,
    )
  }

  all(callback: Answer<Data>): void {
    this.#list('all', callback)
  }

  length(callback: Answer<number>): void {
    this.#list('length', callback)
  }

  clear(callback?: Callback): void {
    this.#list('clear', callback)
  }

  load(id: string, callback: Answer<Session>): void {
    this.get(id, (error, data) => {
      if (error || !data) return callback(error ?? undefined)
      callback(null, this.createSession({ sessionID: id, sessionStore: this }, data))
    })
  }

  createSession(req: Bearer, data: object): Session {
    const session = new Session(req, data)
    session.cookie = this.#usual()
    Object.assign(session.cookie, Object(data).cookie)
    req.session = session
    return session
  }

  generate(req: Bearer): void {
    const visit = this.#visits.get(req)
    if (!visit) throw noRequest('generate')
    visit.begin()
  }

  regenerate(req: Bearer, callback: Callback): void {
    const visit = this.#visits.get(req)
    callBack(visit ? visit.regenerate() : Promise.reject(noRequest('regenerate')), callback)
  }

  save(session: Session, callback?: Callback): void {
    const visit = this.#visits.get(session.req)
    // With nobody who waits, a failure is told by the response that waits for it.
    if (visit) callBack(visit.saveOf(session, callback !== undefined), callback)
    else this.set(session.id, session, callback)
  }

  reload(session: Session, callback: Callback): void {
    const visit = this.#visits.get(session.req)
    if (visit) callBack(visit.reload(), callback)
    else {
      this.get(session.id, (error, data) => {
        if (data) this.createSession(session.req, data)
        callback(error ?? (data ? undefined : new Error('failed to load session')))
      })
    }
  }

  end(session: Session, callback?: Callback): void {
    const visit = this.#visits.get(session.req)
    if (visit?.isOf(session)) callBack(visit.destroy(), callback)
    else this.destroy(session.id, callback)
  }

  #list(method: 'all' | 'length' | 'clear', callback?: Answer<never>): void {
    const theirs = (this.#foreign as Partial<Record<string, (callback: unknown) => void>> | undefined)?.[method]
    if (theirs) theirs.call(this.#foreign, callback)
    else callBack(Promise.reject(noList(method)), callback)
  }

  async #read(id: string): Promise<Data | undefined> {
    const data = await attempt(() => this.#outside.session(id).all() as Promise<Data>, isNotThere)
    if (!data) return undefined
    const { [COOKIE]: looks, ...values } = data
    return { ...values, cookie: this.#usual(looks === undefined ? undefined : JSON.stringify(looks)) }
  }

  async #write(id: string, session: object): Promise<void> {
    const outside = this.#outside.session(id)
    const picture = pictureOf(session)
    const looks = ownLooks((session as Partial<Session>).cookie, this.#usual())
    if (looks !== undefined) picture.set(COOKIE, looks)
    const values = Object.fromEntries(Array.from(picture, ([key, text]) => [key, JSON.parse(text)]))
    const gone = Object.keys(await outside.all()).filter((key) => !picture.has(key))
    await outside.set(values)
    await outside.delete(...gone)
  }
}

async function attempt<T>(work: () => Promise<T>, isNothing: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isNothing(error)) return undefined
    throw error
  }
}

function isNoId(error: unknown): boolean {
  return Object(error).code === 'ERR_LIMPET_NOT_FOUND'
}

function isNotThere(error: unknown): boolean {
  return ['ERR_LIMPET_NOT_FOUND', 'ERR_LIMPET_DESTROYED', 'ERR_LIMPET_EXPIRED'].includes(Object(error).code)
}

function noList(method: string): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `sessionStore.${method}() is not there: limpet's stores list no sessions. Label them, req.sticky.label('user:42'), and use ` +
      'session.labelled() and session.destroyAll() of the middleware',
  )
}

function noRequest(method: string): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `sessionStore.${method}(req) needs a request that session() has seen: only its response can bring a new cookie`,
  )
}
