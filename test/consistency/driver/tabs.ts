import type { Balancer } from './balancer.ts'
import { Browser, type Touch } from './browser.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'
import { sleep } from './redis-pair.ts'

const KEYS = ['p0', 'p1', 'p2']

export interface TabsOptions {
  readonly client: number
  readonly balancer: Balancer
  readonly recorder: Recorder
  readonly random: Random
  readonly over: () => boolean
  /** Milliseconds after which nothing excuses that a backend has not heard. */
  readonly grace: number
}

/**
 * A browser that opens pages in one tab after the other: each begins a session with nothing in it, then fetches the parts of the page at once, some
 * of which write. Responses are late, lost, or streams whose head leaves before anything is written, so that many a jar keeps a cookie that
 * knows of no write. Each tab is looked at again later, when all backends may have been started anew.
 */
export class Tabs {
  readonly #options: TabsOptions
  readonly #open: Promise<void>[] = []
  #incarnation = 0
  #writes = 0

  constructor(options: TabsOptions) {
    this.#options = options
  }

  async live(): Promise<void> {
    const { random, over } = this.#options
    while (!over()) {
      await this.#page()
      await sleep(random.between(20, 200))
    }
  }

  async audit(): Promise<void> {
    await Promise.all(this.#open)
  }

  async #page(): Promise<void> {
    const { client, balancer, recorder, random, grace } = this.#options
    const browser = new Browser(client, balancer, recorder)
    browser.incarnation = ++this.#incarnation
    await browser.send(`/get?key=${KEYS[0]}`, look(KEYS.slice(0, 1)))
    // Libraries that set a cookie with the first write only: two at once would begin two sessions.
    if (browser.ghost().cookie === '') await this.#write(browser, '/set', 'p2')
    if (browser.ghost().cookie === '') return
    const parts = random
      .shuffle(['p0', 'p1'])
      .slice(0, random.between(1, 2))
      .map((key) => () => this.#part(browser, key))
    for (let left = random.between(1, 5); left > 0; left--) parts.push(() => this.#look(browser))
    await Promise.all(random.shuffle(parts).map((part) => sleep(random.between(0, 6)).then(part)))
    for (let left = random.between(0, 2); left > 0; left--) await this.#look(browser)
    this.#open.push(this.#revisit(browser, grace + random.between(100, 3000)))
  }

  #part(browser: Browser, key: string): Promise<unknown> {
    return this.#write(browser, this.#options.random.pick(['/set', '/stream']), key)
  }

  #write(browser: Browser, path: string, key: string): Promise<unknown> {
    const { client, random } = this.#options
    const value = `t${client}.${++this.#writes}`
    const weather = random.weighted({ fine: 50, held: 25, lost: 25 })
    const manner =
      weather === 'fine'
        ? {}
        : weather === 'held'
          ? { hold: random.between(5, 100) }
          : { hangUp: random.between(0, 25) }
    const wait = random.pick([0, 0, 10, 40])
    return browser.send(`${path}?${key}=${value}&wait=${wait}`, [{ kind: 'write', key, value }], manner)
  }

  #look(browser: Browser): Promise<unknown> {
    const { random } = this.#options
    const manner = random.chance(0.4) ? { hold: random.between(5, 150) } : {}
    return browser.send('/all', look(KEYS), manner)
  }

  async #revisit(browser: Browser, later: number): Promise<void> {
    await sleep(later)
    for (let left = 6; left > 0; left--) {
      if ((await browser.send('/all', look(KEYS))) === 'ok') return
      await sleep(300)
    }
  }
}

function look(keys: readonly string[]): Touch[] {
  return keys.map((key) => ({ kind: 'read', key, value: null }))
}
