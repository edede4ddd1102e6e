import type { Outcome } from '../../history.ts'
import type { Browser, Ghost, Manner, Touch } from '../browser.ts'
import type { Random } from '../random.ts'
import { sleep } from '../redis-pair.ts'

/** What a shop keeps in a session: what was there before the login, who is logged in, and what is written beside. */
const KEYS = ['cart', 'user', 'note', 'seen']

/** One visit of one browser, and what it does there. Every request belongs to one story. */
export class Stage {
  readonly browser: Browser
  readonly random: Random
  readonly story: number
  /** What goes on when the story is told. */
  readonly later: Promise<void>[] = []
  readonly #name: string
  readonly #grace: number
  #values = 0

  constructor(browser: Browser, random: Random, story: number, grace: number) {
    this.browser = browser
    this.random = random
    this.story = story
    this.#grace = grace
    this.#name = `s${story}`
    browser.forgetCookies()
    browser.incarnation = story
  }

  write(key: string, manner: Manner = {}, { wait = 0 } = {}): Promise<Outcome> {
    const value = this.#value()
    return this.#send(`/set?${key}=${value}&wait=${wait}`, [{ kind: 'write', key, value }], manner)
  }

  readAll(manner: Manner = {}): Promise<Outcome> {
    return this.#send('/all', KEYS.map(nothing(manner.ghost ? 'ghost' : 'read')), manner)
  }

  read(key: string, manner: Manner = {}, wait = 0): Promise<Outcome> {
    return this.#send(`/get?key=${key}&wait=${wait}`, [nothing('read')(key)], manner)
  }

  /** Raises a counter; the new value takes so many milliseconds to compute. */
  add(slow: number): Promise<Outcome> {
    return this.#send(`/add?key=count&slow=${slow}`, [nothing('add')('count')], {})
  }

  logout(manner: Manner = {}): Promise<Outcome> {
    return this.#send('/logout', [nothing('logout')('')], manner)
  }

  /** A new id, the same data. */
  rotate(manner: Manner = {}, wait = 0): Promise<Outcome> {
    return this.#send(`/login?wait=${wait}`, [nothing('login')('')], manner)
  }

  /** What a login form does: a new id, and the user is stored. */
  signIn(manner: Manner = {}, wait = 0, browser = this.browser): Promise<Outcome> {
    const value = this.#value()
    const touches: Touch[] = [nothing('login')(''), { kind: 'write', key: 'user', value }]
    const path = this.random.chance(0.7) ? '/signin' : '/signin-later'
    return this.#send(`${path}?user=${value}&wait=${wait}`, touches, manner, browser)
  }

  /** Every cookie that this browser was ever given is sent once more, and again when every backend has had the time to hear. */
  async haunt(ghosts: readonly Ghost[]): Promise<void> {
    for (const ghost of ghosts) await this.readAll({ ghost })
    this.later.push(this.#hauntLater(ghosts))
  }

  async #hauntLater(ghosts: readonly Ghost[]): Promise<void> {
    await sleep(this.#grace + 100)
    for (const ghost of ghosts) await this.readAll({ ghost })
  }

  after(milliseconds: number, act: () => Promise<unknown>): Promise<unknown> {
    return sleep(milliseconds).then(act)
  }

  /** Some responses are late, so that another overtakes them, and some never come. */
  weather({ held = 0.3, lost = 0.1 } = {}): Manner {
    const { random } = this
    if (random.chance(held)) return { hold: random.between(5, 120) }
    return random.chance(lost) ? { hangUp: random.between(0, 25) } : {}
  }

  async readAs(browser: Browser): Promise<void> {
    await this.#send('/all', KEYS.map(nothing('read')), {}, browser)
  }

  #value(): string {
    return `${this.#name}.${++this.#values}`
  }

  #send(path: string, touches: readonly Touch[], manner: Manner, browser = this.browser): Promise<Outcome> {
    // Sessions that end soon have a place of their own.
    const place = manner.idle === undefined ? '' : '/short'
    return browser.send(place + path, touches, { ...manner, story: this.story })
  }
}

function nothing(kind: Touch['kind']): (key: string) => Touch {
  return (key) => ({ kind, key, value: null })
}
