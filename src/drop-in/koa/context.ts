import type { SessionSettings } from './rules.ts'
import { type Keeper, KoaSession } from './session.ts'

/** What `ctx.session` is asked from. */
export interface SessionHolder {
  readonly session: object | null
  readonly options: SessionSettings
  set(value: unknown): void
}

const HOLDER = Symbol('limpet koa-session')

type Context = { [HOLDER]?: SessionHolder }

/** Gives all contexts of an application `session` and `sessionOptions`, as koa-session does. */
export function extendContext(context: object, options: SessionSettings): void {
  if (Object.hasOwn(context, HOLDER)) return
  const holderOf = (ctx: Context): SessionHolder => {
    ctx[HOLDER] ??= new Unread(options)
    return ctx[HOLDER]
  }
  Object.defineProperties(context, {
    [HOLDER]: { value: undefined, writable: true },
    session: {
      get(this: Context) {
        return holderOf(this).session
      },
      set(this: Context, value: unknown) {
        holderOf(this).set(value)
      },
      configurable: true,
    },
    sessionOptions: {
      get(this: Context) {
        return holderOf(this).options
      },
      configurable: true,
    },
  })
}

/** Has a session() of ours taken this request already? */
export function isTaken(ctx: object): boolean {
  const holder = (ctx as Context)[HOLDER]
  return holder !== undefined && !(holder instanceof Unread)
}

/** From now on it is asked for the session of this context. */
export function hold(ctx: object, holder: SessionHolder): void {
  ;(ctx as Context)[HOLDER] = holder
}

/** Where session() has not come by yet, or skips the request: an empty session, which nobody keeps. */
class Unread implements SessionHolder, Keeper {
  readonly options: SessionSettings
  readonly externalKey = undefined
  session: KoaSession | null

  constructor(options: SessionSettings) {
    this.options = { ...options }
    this.session = new KoaSession(this)
  }

  get maxAge(): unknown {
    return this.options.maxAge
  }

  set maxAge(age: unknown) {
    this.options.maxAge = age
  }

  set(value: unknown): void {
    this.session = value === null ? null : new KoaSession(this, Object(value))
  }

  async commit(): Promise<void> {}
}
