/**
 * The HTTP contract that every library under test is put behind:
 *
 *     /get?key=k      /all      /set?k1=v1&k2=v2      /add?key=n      /logout      /login
 *
 * `wait` makes the handler slow: it reads, waits so many milliseconds, and only then writes, as a handler does that calls another service.
 */
export interface Served {
  get(key: string): Promise<unknown>
  all(): Promise<Record<string, unknown>>
  set(values: Record<string, string>): Promise<void>
  /** Raises a counter by one and returns the new value. */
  add(key: string): Promise<number>
  logout(): Promise<void>
  /** A new session id, the same data. */
  login(): Promise<void>
  /** The session's id when the request is done. */
  id(): string
  /** What the library itself says about the state of its data. */
  flags?(): { behind: boolean; stale: boolean }
}

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
  }
}

export async function answer(target: string, served: Served): Promise<Answer> {
  const url = new URL(target, 'http://127.0.0.1')
  try {
    const values = await act(url, served)
    return { status: 200, body: { values, ...about(served) } }
  } catch (error) {
    const { code, message, applied } = Object(error)
    // Only a library that says what became of a write is believed: for all others it is unknown.
    const known = applied === false || code === 'ERR_LIMPET_DESTROYED' || code === 'ERR_LIMPET_CONFLICT'
    const body = { error: String(code ?? message ?? error), ...(known && { applied: false }), ...about(served) }
    return { status: known ? 409 : 503, body }
  }
}

function about(served: Served) {
  return { session: served.id().slice(0, 6), ...served.flags?.() }
}

async function act(url: URL, served: Served): Promise<Record<string, unknown>> {
  const { wait = '0', key = '', ...values } = Object.fromEntries(url.searchParams)
  if (wait !== '0') {
    await served.get(key || (Object.keys(values)[0] ?? ''))
    await new Promise((resolve) => setTimeout(resolve, Number(wait)))
  }
  switch (url.pathname) {
    case '/get':
      return { [key]: (await served.get(key)) ?? null }
    case '/all':
      return served.all()
    case '/set':
      await served.set(values)
      return values
    case '/add':
      return { [key]: await served.add(key) }
    case '/logout':
      await served.logout()
      return {}
    case '/login':
      await served.login()
      return {}
    default:
      throw new Error(`no such route: ${url.pathname}`)
  }
}
