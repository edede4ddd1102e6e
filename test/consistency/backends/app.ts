/**
 * The HTTP contract that every library under test is put behind:
 *
 *     /get?key=k      /all      /set?k1=v1&k2=v2      /add?key=n&slow=40      /logout      /login
 *     /signin?k1=v1     a new id and the values: what a login form does, in one step where the library can
 *     /signin-later?k1=v1   the same in two steps: the id, then the values
 *     /stream?k1=v1     the response's head leaves, then the values are set, where the library can do that
 *     /block?ms=1500    the event loop stands still
 *
 * Under `/short`, where the library offers it, the same with sessions that end after `SHORT` milliseconds without a use.
 *
 * `wait` makes the handler slow: it reads, waits so many milliseconds, and only then writes, as a handler does that calls another service.
 * `witness` asks the backend to tell the driver, past the network, what became of the request.
 */
export interface Served {
  get(key: string): Promise<unknown>
  all(): Promise<Record<string, unknown>>
  set(values: Record<string, string>): Promise<void>
  /** Raises a counter by one and returns the new value. `slow`: milliseconds that it takes to compute, where the library calls a function for that. */
  add(key: string, slow: number): Promise<number>
  logout(): Promise<void>
  /** A new session id, the same data. */
  login(): Promise<void>
  /** The same, and the values in one step, where the library has that. */
  signIn?(values: Record<string, string>): Promise<void>
  /** The session's id when the request is done. */
  id(): string
  /** What the library itself says about the state of its data. */
  flags?(): { behind: boolean; stale: boolean }
  /** Sends the response's head. Left out by libraries that save when the response leaves. */
  flush?(): void
  /** What was awaited above is saved, whatever becomes of the response. */
  readonly awaits?: boolean
}

/** Milliseconds without a use after which the sessions under `/short` end. */
export const SHORT = 2000

export interface Answer {
  readonly status: number
  readonly body: {
    readonly values?: Record<string, unknown>
    readonly error?: string
    /** `false`: the library vouches that nothing was written, now or later. */
    readonly applied?: boolean
    readonly session?: string
    readonly behind?: boolean
    readonly stale?: boolean
    /** Another request was faster. */
    readonly refused?: boolean
    /** Others were quicker, again and again. */
    readonly starved?: boolean
    /** Said again where the head had left before the outcome was known. */
    readonly status?: number
    readonly boot?: number
    /** Milliseconds of the machine's monotonic clock. */
    readonly arrived?: number
    readonly acted?: number
  }
}

/** What a backend tells the driver of a request whose response may be lost. */
export interface Word {
  readonly witness: number
  readonly answer: Answer
}

/** Milliseconds of a clock that all processes of this machine share, and that no fault here moves. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export async function answer(target: string, served: Served): Promise<Answer> {
  const url = new URL(target, 'http://127.0.0.1')
  const { wait = '0', witness, ...values } = Object.fromEntries(url.searchParams)
  const arrived = monotonic()
  if (url.pathname === '/stream') served.flush?.()
  let acted = arrived
  const act = async () => {
    if (wait !== '0') await linger(served, values, Number(wait))
    acted = monotonic()
    return perform(url.pathname, served, values)
  }
  const { status, body } = await act().then(
    (done): Answer => ({ status: 200, body: { values: done } }),
    (error): Answer => explain(error),
  )
  const whole = { ...body, ...about(served), status, boot: process.pid, arrived, acted }
  if (witness && served.awaits)
    process.send?.({ witness: Number(witness), answer: { status, body: whole } } satisfies Word)
  return { status, body: whole }
}

function explain(error: unknown): Answer {
  const { code, message, applied } = Object(error)
  const refused = code === 'ERR_LIMPET_DESTROYED'
  // Only a library that says what became of a write is believed: for all others it is unknown.
  const starved = code === 'ERR_LIMPET_CONFLICT'
  const known = applied === false || refused || starved
  const body = {
    error: String(code ?? message ?? error),
    ...(known && { applied: false }),
    refused,
    starved,
  }
  return { status: known ? 409 : 503, body }
}

function about(served: Served) {
  return { session: served.id().slice(0, 6), ...served.flags?.() }
}

async function linger(served: Served, values: Record<string, string>, wait: number): Promise<void> {
  await served.get(values.key || (Object.keys(values)[0] ?? ''))
  await new Promise((resolve) => setTimeout(resolve, wait))
}

async function perform(path: string, served: Served, values: Record<string, string>): Promise<Record<string, unknown>> {
  const { key = '' } = values
  switch (path) {
    case '/get':
      return { [key]: (await served.get(key)) ?? null }
    case '/all':
      return served.all()
    case '/set':
    case '/stream':
      await served.set(values)
      return values
    case '/add':
      return { [key]: await served.add(key, Number(values.slow ?? 0)) }
    case '/logout':
      await served.logout()
      return {}
    case '/login':
      await served.login()
      return {}
    case '/signin':
    case '/signin-later':
      if (path === '/signin' && served.signIn) {
        await served.signIn(values)
        return values
      }
      await served.login()
      await served.set(values)
      return values
    case '/block':
      block(Number(values.ms))
      return {}
    default:
      throw new Error(`no such route: ${path}`)
  }
}

function block(milliseconds: number): void {
  const end = monotonic() + milliseconds
  while (monotonic() < end);
}
