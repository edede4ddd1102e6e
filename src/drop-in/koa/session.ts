/** What `commit` is to do beside saving what has changed. */
export interface CommitHow {
  /** Save, whether or not anything has changed. */
  readonly save?: boolean
  /** Give the session a new id first; what it holds goes along. */
  readonly regenerate?: boolean
}

/** Called once, later, with an error or without. */
export type Done = (error?: unknown) => void

/** Does what a session is told to. */
export interface Keeper {
  readonly externalKey: string | undefined
  /** Milliseconds or 'session'; what else may come is an application's own. */
  maxAge: unknown
  commit(how: CommitHow, callback?: Done): Promise<void> | undefined
}

type Data = Record<string, unknown>

/** As in koa-session: what begins so is for one request, and never stored. */
export const isPrivate = (key: string) => key.startsWith('_')

/**
 * `ctx.session`: a plain object to all that look at it, whose own enumerable properties are the data. What it can do
 * stands on the prototype.
 */
export class KoaSession {
  readonly #keeper: Keeper
  declare isNew: boolean

  /** Without `data` it is new. */
  constructor(keeper: Keeper, data?: object) {
    this.#keeper = keeper
    Object.defineProperty(this, 'isNew', { value: data === undefined, writable: true, configurable: true })
    for (const [key, value] of Object.entries(data ?? {})) if (isShown(key)) (this as unknown as Data)[key] = value
    const { maxAge } = Object(data)
    if (maxAge !== undefined) this.maxAge = maxAge
  }

  /** The data, as it is stored. */
  toJSON(): Data {
    const data: Data = {}
    for (const [key, value] of Object.entries(this)) {
      if (!isPrivate(key) && typeof value !== 'function') data[key] = value
    }
    return data
  }

  inspect(): Data {
    return this.toJSON()
  }

  get length(): number {
    return Object.keys(this.toJSON()).length
  }

  get populated(): boolean {
    return this.length > 0
  }

  get maxAge(): unknown {
    return this.#keeper.maxAge
  }

  set maxAge(age: unknown) {
    this.#keeper.maxAge = age
  }

  get externalKey(): string | undefined {
    return this.#keeper.externalKey
  }

  save(callback?: Done): Promise<void> | undefined {
    return this.#keeper.commit({ save: true }, callback)
  }

  regenerate(callback?: Done): Promise<void> | undefined {
    return this.#keeper.commit({ regenerate: true }, callback)
  }

  manuallyCommit(): Promise<void> | undefined {
    return this.#keeper.commit({})
  }

  commit(how: CommitHow | Done = {}, callback?: Done): Promise<void> | undefined {
    return typeof how === 'function' ? this.#keeper.commit({}, how) : this.#keeper.commit(how, callback)
  }
}

// Whoever prints a session sees its data.
Object.defineProperty(KoaSession.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: KoaSession) {
    return this.toJSON()
  },
})

/** A key named like a method would take its place: it cannot be shown, and what is stored under it stays. */
export function isShown(key: string): boolean {
  return key !== 'isNew' && !(key in KoaSession.prototype)
}
