import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { Browser } from './support/client.ts'
import { type App, type Handler, plain } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

const OLD = 'the secret that was used until yesterday'
const NEW = 'the secret that is used from tomorrow on'

const shop: Handler = async ({ reason, session }) => ({ body: { reason, user: await session.get('user') } })
const login: Handler = async ({ session }) => {
  await session.set('user', 'ada')
  return { body: 'welcome' }
}

/** Backends behind one load balancer, deployed one after the other, and clients that come to all of them. */
class Site {
  readonly #store = memoryStore()
  readonly #backends: { app: App; running: Running }[] = []

  async start(count: number, secret: readonly string[]): Promise<void> {
    for (let at = 0; at < count; at++) await this.restart(at, secret)
  }

  get size(): number {
    return this.#backends.length
  }

  async restart(at: number, secret: readonly string[]): Promise<void> {
    await this.#stop(at)
    const options = { secret, store: this.#store, onEvent: () => undefined }
    const handler: Handler = (sticky, request) => (request.path === '/login' ? login : shop)(sticky, request)
    const app = plain.make(options, handler)
    this.#backends[at] = { app, running: await serve(app.listener) }
  }

  ask(at: number, browser: Browser, path = '/'): ReturnType<Browser['ask']> {
    return browser.ask(this.#backends[at]?.running.port ?? 0, path)
  }

  /** Every client comes to every backend. Returns what is no session of ada's. */
  async losses(browsers: readonly Browser[]): Promise<string[]> {
    const lost: string[] = []
    for (const browser of browsers) {
      for (let at = 0; at < this.size; at++) {
        const { body } = await this.ask(at, browser)
        if (body !== '{"reason":"valid","user":"ada"}') lost.push(body)
      }
    }
    return lost
  }

  async end(): Promise<void> {
    for (let at = 0; at < this.size; at++) await this.#stop(at)
  }

  async #stop(at: number): Promise<void> {
    const backend = this.#backends[at]
    await backend?.running.close()
    await backend?.app.close()
  }
}

let site: Site
afterEach(() => site.end())

/** Three backends with the old secret, and a client that has logged in at each. */
async function begin(): Promise<Browser[]> {
  site = new Site()
  await site.start(3, [OLD])
  const browsers = Array.from({ length: site.size }, () => new Browser())
  for (const [at, browser] of browsers.entries()) await site.ask(at, browser, '/login')
  return browsers
}

/** One backend after the other; clients come all the time. */
async function deploy(secret: readonly string[], browsers: readonly Browser[]): Promise<string[]> {
  const lost: string[] = []
  for (let at = 0; at < site.size; at++) {
    await site.restart(at, secret)
    lost.push(...(await site.losses(browsers)))
  }
  return lost
}

describe('a secret is changed by rolling deploys', () => {
  it('in three steps: verify it everywhere, then sign with it, then forget the old one. Nobody loses a session', async () => {
    const browsers = await begin()
    const rare = browsers.pop() as Browser
    expect(await deploy([OLD, NEW], browsers)).toEqual([])
    expect(await deploy([NEW, OLD], browsers)).toEqual([])
    // Somebody who comes seldom, with a token by the old secret: it is signed anew.
    expect(await site.losses([rare])).toEqual([])
    expect(await deploy([NEW], [...browsers, rare])).toEqual([])
  })

  it('sign with it at once: backends that do not know it yet lose sessions', async () => {
    const browsers = await begin()
    const lost = await deploy([NEW, OLD], browsers)
    expect(lost).toContain('{"reason":"unknown-key"}')
  })

  it('forget the old one before everybody has come: who has not, loses the session', async () => {
    const browsers = await begin()
    const rare = browsers.pop() as Browser
    await deploy([OLD, NEW], browsers)
    await deploy([NEW, OLD], browsers)
    await deploy([NEW], browsers)
    expect(await site.losses(browsers)).toEqual([])
    expect(await site.losses([rare])).toContain('{"reason":"unknown-key"}')
  })
})
