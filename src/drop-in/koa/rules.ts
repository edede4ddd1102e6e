import type { Events } from '../../ports/events.ts'
import type { Settle } from '../conflict.ts'

/** What koa-session calls `ctx.sessionOptions`. */
export interface SessionSettings {
  readonly [name: string]: unknown
  maxAge?: unknown
}

/** What all requests of one session() have in common. */
export interface KoaRules {
  readonly settle: Settle
  readonly emit: Events['emit']
  /** koa-session's options, with its defaults. */
  readonly options: SessionSettings
  readonly autoCommit: boolean
  readonly valid: ((ctx: object, data: object) => unknown) | undefined
  readonly beforeSave: ((ctx: object, session: object) => unknown) | undefined
}

/** The part of Koa's context that is used here. */
export interface SessionContext {
  readonly app: { emit(event: string, about: object): unknown }
}
