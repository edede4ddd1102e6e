import type { Outcome } from '../history.ts'
import type { Browser, Ghost, Manner, Touch } from './browser.ts'
import type { Random } from './random.ts'
import { sleep } from './redis-pair.ts'

/** Few, so that operations meet. */
const REGISTERS = ['k0', 'k1', 'k2', 'k3']
const COUNTERS = ['n0', 'n1']
const ALL: readonly string[] = [...REGISTERS, ...COUNTERS]

export interface ClientOptions {
  readonly name: string
  readonly browser: Browser
  readonly random: Random
  /** No more work. */
  readonly over: () => boolean
  /** Milliseconds after which nothing excuses that an ended session still shows. */
  readonly grace: number
}

/**
 * A client: opens a session, sends requests one after the other and several at once, logs in and out, and starts again. Where sessions
 * begin and end it is alone with itself: two requests that both begin a session begin two, with any library, and no checker can say which
 * of them the client meant.
 */
export class Client {
  readonly #browser: Browser
  readonly #random: Random
  readonly #name: string
  readonly #over: () => boolean
  readonly #grace: number
  readonly #ghosts: Promise<void>[] = []
  #writes = 0
  #open = false

  constructor({ name, browser, random, over, grace }: ClientOptions) {
    this.#name = name
    this.#browser = browser
    this.#random = random
    this.#over = over
    this.#grace = grace
  }

  async live(): Promise<void> {
    while (!this.#over()) {
      if (!this.#open && !(await this.#begin())) {
        await sleep(100)
        continue
      }
      const what = this.#random.weighted({ overlapping: 55, oneByOne: 20, reading: 25 })
      if (what === 'overlapping') await this.#overlapping()
      else if (what === 'oneByOne') await this.#oneByOne(this.#random.between(4, 10))
      else await this.#reading()
      if (this.#over()) return
      const next = this.#random.weighted({ stay: 55, logout: 30, login: 15 })
      if (next === 'logout') await this.#logout()
      if (next === 'login') await this.#login()
    }
  }

  /** What is left when everything works again? Asked several times, as several backends may answer. */
  async audit(): Promise<void> {
    await Promise.all(this.#ghosts)
    if (!this.#open) return
    for (let left = 8, good = 0; left > 0 && good < 3; left--) {
      if ((await this.#readAll()) === 'ok') good++
      else await sleep(250)
    }
  }

  async #begin(): Promise<boolean> {
    this.#browser.incarnation++
    this.#open = (await this.#write(REGISTERS.slice(0, 1))) === 'ok'
    if (!this.#open) this.#browser.forgetCookies()
    return this.#open
  }

  async #overlapping(): Promise<void> {
    const lanes = this.#random.between(2, 4)
    await Promise.all(Array.from({ length: lanes }, () => this.#oneByOne(this.#random.between(2, 6))))
  }

  async #oneByOne(count: number): Promise<void> {
    for (let left = count; left > 0 && !this.#over(); left--) {
      await sleep(this.#random.between(0, 40))
      await this.#act()
    }
  }

  /** A page that is read often and written once: by then every backend has a copy, and each has to notice that it is old. */
  async #reading(): Promise<void> {
    const key = this.#random.pick(REGISTERS)
    for (let left = 3; left > 0; left--) {
      await Promise.all(Array.from({ length: this.#random.between(2, 4) }, () => this.#read(key)))
    }
    await this.#write([key])
    for (let left = 6; left > 0 && !this.#over(); left--) await this.#read(key)
  }

  #act(): Promise<Outcome> {
    const random = this.#random
    const wait = random.chance(0.12) ? random.between(5, 120) : 0
    const manner = this.#weather()
    switch (random.weighted({ read: 42, readAll: 8, write: 25, writeTwo: 5, add: 20 })) {
      case 'read':
        return this.#read(random.pick(ALL), manner)
      case 'readAll':
        return this.#readAll(manner)
      case 'write':
        return this.#write([random.pick(REGISTERS)], wait, manner)
      case 'writeTwo':
        return this.#write(random.shuffle(REGISTERS).slice(0, 2), wait, manner)
      case 'add':
        return this.#add(random.pick(COUNTERS), wait, manner)
    }
  }

  /** Most responses come as they were sent; some are overtaken by others, and some never come. */
  #weather(): Manner {
    const random = this.#random
    if (random.chance(0.08)) return { hold: random.between(5, 120) }
    return random.chance(0.04) ? { hangUp: random.between(0, 25) } : {}
  }

  /** Slow writes are under way when the logout is sent. Afterwards, when all have ended, the old cookie must be worth nothing. */
  async #logout(): Promise<void> {
    await this.#readAll()
    const random = this.#random
    const slow = Array.from({ length: random.between(0, 2) }, async () => {
      const wait = random.between(20, 200)
      return random.chance(0.7) ? this.#write([random.pick(REGISTERS)], wait) : this.#add(random.pick(COUNTERS), wait)
    })
    await sleep(random.between(0, 20))
    const old = this.#browser.ghost()
    const outcome = await this.#browser.send('/logout', [{ kind: 'logout', key: '', value: null }])
    await Promise.all(slow)
    await this.#leave('logout', outcome, old)
    if (outcome === 'ok') this.#open = false
  }

  async #login(): Promise<void> {
    const old = this.#browser.ghost()
    const outcome = await this.#browser.send('/login', [{ kind: 'login', key: '', value: null }])
    await this.#leave('login', outcome, old)
  }

  async #leave(what: 'login' | 'logout', outcome: Outcome, old: Ghost): Promise<void> {
    if (outcome === 'ok' && old.cookie !== '') {
      await this.#browser.send('/all', touch('ghost', ALL), { ghost: old })
      this.#ghosts.push(this.#haunt(old))
    }
    if (outcome === 'ok' || (outcome === 'fail' && !this.#browser.answered)) return
    // Did it happen? Nobody knows, so nothing can be expected of this session any more; but an answer to a login brings a cookie that works.
    if (what === 'login' && (outcome === 'fail' || this.#browser.answered)) return
    this.#browser.forgetCookies()
    this.#open = false
  }

  /** The old cookie once more, when every backend has had the time to hear. */
  async #haunt(old: Ghost): Promise<void> {
    await sleep(this.#grace + 100)
    for (let left = 6; left > 0; left--) {
      if ((await this.#browser.send('/all', touch('ghost', ALL), { ghost: old })) === 'ok') return
      await sleep(400)
    }
  }

  #read(key: string, manner: Manner = {}): Promise<Outcome> {
    return this.#browser.send(`/get?key=${key}`, touch('read', [key]), manner)
  }

  #readAll(manner: Manner = {}): Promise<Outcome> {
    return this.#browser.send('/all', touch('read', ALL), manner)
  }

  #write(keys: readonly string[], wait = 0, manner: Manner = {}): Promise<Outcome> {
    const touches = keys.map((key) => ({ kind: 'write', key, value: `${this.#name}.${++this.#writes}` }) as const)
    const query = touches.map(({ key, value }) => `${key}=${value}`).join('&')
    // Now and then the response's head leaves first, with a cookie that cannot know of the write.
    const path = this.#random.chance(0.1) ? '/stream' : '/set'
    return this.#browser.send(`${path}?${query}&wait=${wait}`, touches, manner)
  }

  #add(key: string, wait = 0, manner: Manner = {}): Promise<Outcome> {
    return this.#browser.send(`/add?key=${key}&wait=${wait}`, touch('add', [key]), manner)
  }
}

function touch(kind: Touch['kind'], keys: readonly string[]): Touch[] {
  return keys.map((key) => ({ kind, key, value: null }))
}
