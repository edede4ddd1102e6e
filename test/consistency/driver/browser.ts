import { CookieJar } from 'tough-cookie'
import type { Kind, Outcome, Value } from '../history.ts'
import { type Balancer, HUNG_UP, type Sent, type Weather } from './balancer.ts'
import type { Recorder } from './recorder.ts'
import { asValue, understand } from './understand.ts'

const ORIGIN = 'http://127.0.0.1/'

/** Cookies, more than any story collects. */
const REMEMBERED = 40

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

export interface Manner extends Weather {
  readonly ghost?: Ghost | undefined
  readonly story?: number | undefined
  readonly idle?: number | undefined
}

/** One client: a cookie jar, and the history of what was sent with it. */
export class Browser {
  readonly #recorder: Recorder
  readonly #balancer: Balancer
  readonly #client: number
  #jar = new CookieJar()
  #cookieFrom = -1
  #seen: Ghost[] = []
  incarnation = 0
  /** The last request got a whole response, whatever it said. */
  answered = false

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

  /** Every cookie that arrived since the jar was empty, also those that others have replaced. */
  get seen(): readonly Ghost[] {
    return this.#seen
  }

  forgetCookies(): void {
    this.#jar = new CookieJar()
    this.#cookieFrom = -1
    this.#seen = []
  }

  /** Somebody else who has the same cookie, in a jar of his own. */
  twin(): Browser {
    const twin = new Browser(this.#client, this.#balancer, this.#recorder)
    twin.#jar = this.#jar.cloneSync() ?? twin.#jar
    twin.#cookieFrom = this.#cookieFrom
    twin.incarnation = this.incarnation
    return twin
  }

  /** Sends one request and writes down what became of each key. */
  async send(
    path: string,
    touches: readonly Touch[],
    { ghost, story, idle, ...weather }: Manner = {},
  ): Promise<Outcome> {
    const id = this.#recorder.nextId()
    const { cookie, cookieFrom, incarnation } = ghost ?? this.ghost()
    const invoke = this.#recorder.now()
    const witness = weather.hangUp === undefined ? '' : `${path.includes('?') ? '&' : '?'}witness=${id}`
    const keep = (cookies: readonly string[]) => {
      if (ghost === undefined) this.#keep(cookies, id)
    }
    const heard = await this.#balancer.send(path + witness, cookie, keep, weather)
    const sent = weather.hangUp === undefined ? heard : await this.#testified(heard, id)
    this.answered = heard.kind === 'answered'
    const { values, said, ...known } = understand(sent)
    const common = {
      id,
      client: this.#client,
      incarnation,
      invoke,
      finish: this.#recorder.now(),
      cookieFrom,
      ...known,
      boot: typeof said.boot === 'number' ? said.boot : undefined,
      arrived: this.#recorder.since(said.arrived),
      acted: this.#recorder.since(said.acted),
      waited: Number(/[?&]wait=(\d+)/.exec(path)?.[1] ?? 0) + (weather.hold ?? 0),
      streamed: path.startsWith('/stream'),
      lost: heard.kind === 'broken' && heard.why === HUNG_UP,
      story,
      idle,
    }
    for (const { kind, key, value } of touches) {
      const shown = kind === 'write' || known.outcome !== 'ok' ? value : asValue(values[key])
      this.#recorder.ops.push({ ...common, kind, key, value: shown })
    }
    return known.outcome
  }

  /** The client has gone; what the backend says of its request counts as the answer. */
  async #testified(heard: Sent, id: number): Promise<Sent> {
    if (heard.kind !== 'broken') return heard
    const word = await this.#recorder.word(id)
    if (!word) return heard
    const reply = { status: word.status, body: JSON.stringify(word.body), backend: heard.backend }
    return { kind: 'answered', reply }
  }

  #keep(cookies: readonly string[], id: number): void {
    for (const cookie of cookies) this.#jar.setCookieSync(cookie, ORIGIN)
    if (cookies.length === 0) return
    this.#cookieFrom = id
    this.#seen.push(this.ghost())
    if (this.#seen.length > REMEMBERED) this.#seen.shift()
  }
}
