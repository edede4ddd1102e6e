import { createServer as createTlsServer } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { type LimpetEvent, memoryStore, type StickyOptions } from '../../src/index.ts'
import { type Ask, ask, Browser } from './support/client.ts'
import { keepTrouble } from './support/events.ts'
import { type App, describeSession, type Framework, frameworks } from './support/frameworks.ts'
import { listen, type Running, serve } from './support/server.ts'

/** Secure because the connection is; a key both know stands in for a certificate (RFC 4279). */
const psk = Buffer.alloc(32, 7)
const CIPHER = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const
const serverTls = { ...CIPHER, pskCallback: () => psk }
const clientTls: Ask = {
  tls: {
    ...CIPHER,
    agent: false,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  },
}

const forwarded = (proto: string): Ask => ({ headers: { 'x-forwarded-proto': proto } })
const BY_PROXY = forwarded('https')
/** Two proxies, of which the first has met the client; and a proxy that writes large. */
const BY_HTTPS = ['https', 'https,http', 'https , http', 'HTTPS', 'Https, http']
const BY_HTTP = ['http', 'http,https', 'HTTP', 'httpsx', '', ',https']

let open: { running: Running; app: App }[] = []
afterEach(async () => {
  for (const { running, app } of open) {
    await running.close()
    await app.close()
  }
  open = []
})

async function start(framework: Framework, cookie: StickyOptions['cookie'], { trust = false, tls = false } = {}) {
  const events: LimpetEvent[] = []
  const options = { secret: 'a secret of the tests, 32 bytes or more', store: memoryStore(), cookie }
  const app = framework.make({ ...options, onEvent: keepTrouble(events) }, describeSession, trust)
  const running = tls ? await listen(createTlsServer(serverTls, app.listener)) : await serve(app.listener)
  open.push({ running, app })
  return { port: running.port, events }
}

/** Does the one cookie of the answer say Secure? */
async function secureOn(port: number, request: Ask = {}): Promise<boolean> {
  const { cookies } = await ask(port, '/', request)
  expect(cookies).toHaveLength(1)
  return /; Secure(;|$)/.test(cookies[0] ?? '')
}

describe.each(frameworks)("$name, secure: 'auto'", (framework) => {
  it('over http: no Secure, and nothing to warn of', async () => {
    const { port, events } = await start(framework, undefined)
    expect(await secureOn(port)).toBe(false)
    expect(events).toEqual([])
  })

  it('over TLS: Secure', async () => {
    const { port, events } = await start(framework, undefined, { tls: true })
    expect(await secureOn(port, clientTls)).toBe(true)
    expect(events).toEqual([])
  })

  it('behind a proxy that nobody trusts, and that was asked over http: nothing to warn of', async () => {
    const { port, events } = await start(framework, undefined)
    for (const proto of BY_HTTP) expect(await secureOn(port, forwarded(proto))).toBe(false)
    expect(events).toEqual([])
  })
})

/** They can be told whether to trust a proxy, and say so. */
const judges = frameworks.filter(({ name }) => !/^(node:http|Hono.*)$/.test(name))
const others = frameworks.filter((framework) => !judges.includes(framework))

describe.each(judges)('$name, with a proxy', (framework) => {
  it.each(BY_HTTPS)(
    'behind a proxy that nobody trusts (%s): no Secure, and one warning that says how to trust it',
    async (proto) => {
      const { port, events } = await start(framework, undefined)
      for (let i = 0; i < 3; i++) expect(await secureOn(port, forwarded(proto))).toBe(false)
      expect(events).toEqual([
        { type: 'warning', code: 'untrusted-proxy', message: expect.stringMatching(/app\.set\('trust proxy', 1\)/) },
      ])
    },
  )

  it('behind a proxy that the application trusts: Secure as the proxy says', async () => {
    const { port, events } = await start(framework, undefined, { trust: true })
    expect(await secureOn(port, BY_PROXY)).toBe(true)
    expect(await secureOn(port, { headers: { 'x-forwarded-proto': 'http' } })).toBe(false)
    expect(await secureOn(port)).toBe(false)
    expect(events).toEqual([])
  })

  it('the same client over both: the same session, each time with the right attribute', async () => {
    const { port } = await start(framework, undefined, { trust: true })
    const browser = new Browser()
    await browser.ask(port, '/', BY_PROXY)
    const { id } = browser.token
    for (const [request, secure] of [
      [BY_PROXY, true],
      [{}, false],
      [BY_PROXY, true],
    ] as const) {
      const answer = await browser.ask(port, '/', request)
      expect(browser.token.id).toBe(id)
      expect(answer.cookies[0]?.includes('; Secure')).toBe(secure)
    }
  })
})

describe.each(others)('$name, which knows nothing of proxies', (framework) => {
  it.each(BY_HTTPS)('what a proxy says (%s) can only add Secure: a cookie that has it keeps it', async (proto) => {
    const { port, events } = await start(framework, undefined)
    expect(await secureOn(port, forwarded(proto))).toBe(true)
    expect(events).toEqual([])
  })
})

describe.each(frameworks)('$name, secure: true and false', (framework) => {
  it('true is never silent: over http the cookie is sent, and one warning says that browsers drop it', async () => {
    const { port, events } = await start(framework, { secure: true })
    for (let i = 0; i < 3; i++) expect(await secureOn(port)).toBe(true)
    expect(events).toEqual([
      { type: 'warning', code: 'insecure-cookie', message: expect.stringMatching(/browsers drop a cookie/) },
    ])
    // It may be a proxy that took TLS off and says nothing of it.
    expect(events).toMatchObject([
      { message: expect.stringMatching(/unless a proxy in front speaks https .*X-Forwarded-Proto/) },
    ])
  })

  it.each(BY_HTTPS)('true behind a proxy that took TLS off and says so (%s): nothing to warn of', async (proto) => {
    const { port, events } = await start(framework, { secure: true })
    expect(await secureOn(port, forwarded(proto))).toBe(true)
    expect(events).toEqual([])
  })

  it.each(BY_HTTP)('true behind a proxy that was asked over http ("%s"): one warning', async (proto) => {
    const { port, events } = await start(framework, { secure: true })
    expect(await secureOn(port, forwarded(proto))).toBe(true)
    expect(events).toMatchObject([{ type: 'warning', code: 'insecure-cookie' }])
  })

  it('true over TLS: nothing to warn of', async () => {
    const { port, events } = await start(framework, { secure: true }, { tls: true })
    expect(await secureOn(port, clientTls)).toBe(true)
    expect(events).toEqual([])
  })

  it('false is false, over TLS too', async () => {
    const { port } = await start(framework, { secure: false }, { tls: true })
    expect(await secureOn(port, clientTls)).toBe(false)
  })

  it("sameSite: 'none' over http is never silent: one warning that says that browsers drop it", async () => {
    const { port, events } = await start(framework, { sameSite: 'none', secure: 'auto' })
    for (let i = 0; i < 3; i++) expect(await secureOn(port)).toBe(false)
    expect(events).toMatchObject([{ type: 'warning', code: 'insecure-cookie' }])
  })
})
