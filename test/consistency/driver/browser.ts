import { CookieJar } from 'tough-cookie'
import type { Kind, Op, Outcome, Value } from '../history.ts'
import type { Balancer, Sent } from './balancer.ts'

const ORIGIN = 'http://127.0.0.1/'

/** What one request does to one key; a read of everything fills its values in when the answer is there. */
export interface Touch {
  readonly kind: Kind
  readonly key: string
  readonly value: Value
}

/** A cookie kept from earlier, sent again; what comes back goes into no jar. */
export interface Ghost {
  readonly cookie: string
  readonly cookieFrom: number
  readonly incarnation: number
}

/** Where the operations of all clients end up. */
export class Recorder {
  readonly ops: Op[] = []
  readonly #origin = performance.now()
  #next = 1

  now(): number {
    return performance.now() - this.#origin
  }

  nextId(): number {
    return this.#next++
  }
}

/** One client: a cookie jar, and the history of what was sent with it. */
export class Browser {
  readonly #recorder: Recorder
  readonly #balancer: Balancer
  readonly #client: number
  #jar = new CookieJar()
  #cookieFrom = -1
  incarnation = 0

  constructor(client: number, balancer: Balancer, recorder: Recorder) {
    this.#client = client
    this.#balancer = balancer
    this.#recorder = recorder
  }

  /** The cookie as it would be sent now, to be sent again when its session has ended. */
  ghost(): Ghost {
    const { incarnation } = this
    return { cookie: this.#jar.getCookieStringSync(ORIGIN), cookieFrom: this.#cookieFrom, incarnation }
  }

  forgetCookies(): void {
    this.#jar = new CookieJar()
    this.#cookieFrom = -1
  }

  /** Sends one request and writes down what became of each key. */
  async send(path: string, touches: readonly Touch[], ghost?: Ghost): Promise<Outcome> {
    const id = this.#recorder.nextId()
    const { cookie, cookieFrom, incarnation } = ghost ?? this.ghost()
    const invoke = this.#recorder.now()
    const sent = await this.#balancer.send(path, cookie, (cookies) => {
      if (ghost === undefined) this.#keep(cookies, id)
    })
    const { outcome, values, ...said } = understand(sent)
    const common = {
      id,
      client: this.#client,
      incarnation,
      invoke,
      finish: this.#recorder.now(),
      outcome,
      cookieFrom,
      ...said,
    }
    for (const { kind, key, value } of touches) {
      const heard = kind === 'write' || outcome !== 'ok' ? value : asValue(values[key])
      this.#recorder.ops.push({ ...common, kind, key, value: heard })
    }
    return outcome
  }

  #keep(cookies: readonly string[], id: number): void {
    for (const cookie of cookies) this.#jar.setCookieSync(cookie, ORIGIN)
    if (cookies.length > 0) this.#cookieFrom = id
  }
}

interface Understood {
  readonly outcome: Outcome
  readonly values: Readonly<Record<string, unknown>>
  readonly behind: boolean
  readonly stale: boolean
  readonly backend: number
  readonly session: string
  readonly detail: string
}

function understand(sent: Sent): Understood {
  const silent = { values: {}, behind: false, stale: false, session: '' }
  if (sent.kind === 'refused') return { ...silent, outcome: 'fail', backend: -1, detail: 'refused by all backends' }
  if (sent.kind === 'broken') return { ...silent, outcome: 'unknown', backend: sent.backend, detail: sent.why }
  const { status, body, backend } = sent.reply
  const said = parse(body)
  const outcome = status === 200 ? 'ok' : said.applied === false ? 'fail' : 'unknown'
  const detail = outcome === 'ok' ? '' : `${status} ${String(said.error ?? '').slice(0, 60)}`
  const values = Object(said.values)
  const session = String(said.session ?? '')
  return { outcome, values, behind: said.behind === true, stale: said.stale === true, session, backend, detail }
}

function parse(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}

function asValue(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
