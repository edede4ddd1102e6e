import type { Callback } from './callback.ts'
import type { Cookie } from './cookie.ts'

/** Does what a session is told to. */
export interface Owner {
  save(session: Session, callback?: Callback): void
  reload(session: Session, callback: Callback): void
  end(session: Session, callback?: Callback): void
  regenerate(req: Bearer, callback: Callback): void
}

/** The part of a request that sessions hang on. */
export interface Bearer {
  session?: unknown
  sessionID?: string
  sessionStore?: Owner
}

/**
 * `req.session`: a plain object to all that look at it, whose own enumerable properties are the data and `cookie`. What
 * it can do stands on the prototype, and is done by the store's owner.
 */
export class Session {
  declare readonly req: Bearer
  declare readonly id: string
  declare cookie: Cookie

  constructor(req: Bearer, data?: object | null) {
    Object.defineProperty(this, 'req', { value: req })
    Object.defineProperty(this, 'id', { value: req.sessionID })
    if (typeof data !== 'object' || data === null) return
    for (const [key, value] of Object.entries(data)) {
      if (!(key in this)) (this as Record<string, unknown>)[key] = value
    }
  }

  touch(): this {
    return this.resetMaxAge()
  }

  resetMaxAge(): this {
    const { cookie } = this
    if (cookie) cookie.maxAge = cookie.originalMaxAge
    return this
  }

  save(callback?: Callback): this {
    ownerOf(this).save(this, callback)
    return this
  }

  reload(callback: Callback): this {
    ownerOf(this).reload(this, callback)
    return this
  }

  destroy(callback?: Callback): this {
    delete this.req.session
    ownerOf(this).end(this, callback)
    return this
  }

  regenerate(callback: Callback): this {
    ownerOf(this).regenerate(this.req, callback)
    return this
  }
}

for (const name of ['touch', 'resetMaxAge', 'save', 'reload', 'destroy', 'regenerate'] as const) {
  Object.defineProperty(Session.prototype, name, { enumerable: false })
}

function ownerOf({ req }: Session): Owner {
  if (req.sessionStore) return req.sessionStore
  throw new TypeError('this session has no store: its request was not given one (req.sessionStore)')
}
