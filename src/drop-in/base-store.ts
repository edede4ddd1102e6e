import { EventEmitter } from 'node:events'
import type { Callback } from './callback.ts'
import { Cookie } from './cookie.ts'
import { type Bearer, Session } from './session.ts'

type Data = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: express-session's own type
type Answer<T> = (error: any, answer?: T) => void

/** What stores for express-session are made of. */
export interface BaseStore extends EventEmitter {
  get(id: string, callback: Answer<Data | null>): void
  destroy(id: string, callback?: Callback): void
  generate?(req: Bearer): void
  regenerate(req: Bearer, callback: Callback): void
  load(id: string, callback: Answer<Session>): void
  createSession(req: Bearer, data: Data): Session
}

/** A function and no class: stores call it on their own `this`, and take their prototype from it. */
function BaseStoreFunction(this: BaseStore): void {
  ;(EventEmitter as unknown as (this: object) => void).call(this)
}
Object.setPrototypeOf(BaseStoreFunction.prototype, EventEmitter.prototype)

const METHODS: Pick<BaseStore, 'regenerate' | 'load' | 'createSession'> & ThisType<BaseStore> = {
  regenerate(req, callback) {
    this.destroy(req.sessionID ?? '', (error) => {
      this.generate?.(req)
      callback(error)
    })
  },
  load(id, callback) {
    this.get(id, (error, data) => {
      if (error || !data) callback(error || undefined)
      else callback(null, this.createSession({ sessionID: id, sessionStore: this as never }, data))
    })
  },
  createSession(req, data) {
    const session = new Session(req, data)
    session.cookie = new Cookie(Object(data.cookie))
    req.session = session
    return session
  },
}
for (const [name, value] of Object.entries(METHODS)) {
  Object.defineProperty(BaseStoreFunction.prototype, name, { value, configurable: true, writable: true })
}

/** `session.Store`, which stores for express-session extend. */
export const Store = BaseStoreFunction as unknown as abstract new () => BaseStore

/** `session.MemoryStore`: for development, where somebody asks for it. `memoryStore()` of limpet is what to use. */
export class MemoryStore extends (Store as new () => BaseStore) {
  readonly sessions = new Map<string, string>()

  override get(id: string, callback: Answer<Data | null>): void {
    setImmediate(() => callback(null, this.#read(id)))
  }

  set(id: string, session: object, callback?: Callback): void {
    this.sessions.set(id, JSON.stringify(session))
    setImmediate(() => callback?.())
  }

  override destroy(id: string, callback?: Callback): void {
    this.sessions.delete(id)
    setImmediate(() => callback?.())
  }

  all(callback: Answer<Data>): void {
    const found = [...this.sessions.keys()].map((id) => [id, this.#read(id)] as const).filter(([, data]) => data)
    setImmediate(() => callback(null, Object.fromEntries(found)))
  }

  length(callback: Answer<number>): void {
    this.all((error, all) => callback(error, Object.keys(all ?? {}).length))
  }

  clear(callback?: Callback): void {
    this.sessions.clear()
    setImmediate(() => callback?.())
  }

  #read(id: string): Data | undefined {
    const text = this.sessions.get(id)
    if (text === undefined) return undefined
    const data = JSON.parse(text) as Data
    const expires = Object(data.cookie).expires
    if (!expires || Date.parse(expires) > Date.now()) return data
    this.sessions.delete(id)
    return undefined
  }
}
