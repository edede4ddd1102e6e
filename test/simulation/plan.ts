/** One history before it happens: every moment and every accident is written down, so that any part can be left out. */
export interface Plan {
  readonly seed: number
  readonly backends: number
  /** Milliseconds. */
  readonly idleTimeout: number
  readonly storeTimeout: number
  readonly steps: readonly Step[]
  readonly faults: readonly FaultPlan[]
}

export type Act = 'get' | 'all' | 'set' | 'add' | 'login' | 'logout'

/** One request of one browser. */
export interface Step {
  readonly id: number
  readonly at: number
  readonly client: number
  readonly act: Act
  /** Of a value; unused where an act touches all or none. */
  readonly key: string
  /** Milliseconds that the handler spends between its reading and its acting. */
  readonly wait: number
  /** The head of the response leaves before the handler begins. */
  readonly stream: boolean
  /** What of the response does not arrive. */
  readonly lose: 'nothing' | 'head' | 'body'
  /** Milliseconds of the request's and the response's way. */
  readonly there: number
  readonly back: number
  /** Which of the backends that are up: in parts of 1. */
  readonly where: number
  /** The cookie that is sent: what the jar holds, none, or the one of the session before. That of `old` is a ghost: what it brings back is not kept. */
  readonly cookie: 'jar' | 'none' | 'old'
}

export type FaultPlan = { readonly at: number; readonly length: number } & (
  | { readonly kind: 'restart' | 'bounce' | 'silent' | 'slow-news'; readonly backend: number }
  | { readonly kind: 'refused' | 'away' | 'lossy' | 'slow' }
  /** The clock of one backend differs by `length` milliseconds from then on. */
  | { readonly kind: 'clock'; readonly backend: number }
  /** The store's clock is set back by `length` milliseconds. */
  | { readonly kind: 'jump' }
)

export const faultKinds = [
  'restart',
  'bounce',
  'silent',
  'slow-news',
  'refused',
  'away',
  'lossy',
  'slow',
  'clock',
  'jump',
] as const satisfies readonly FaultPlan['kind'][]

export type FaultKind = FaultPlan['kind']

export const REGISTERS = ['k0', 'k1'] as const
export const COUNTER = 'n0'
/** Written by a login, under the new id. */
export const USER = 'user'
export const KEYS: readonly string[] = [...REGISTERS, COUNTER, USER]
