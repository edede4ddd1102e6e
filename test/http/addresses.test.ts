import { hostname, networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { decodeToken } from '../../src/core/token.ts'
import { type Answer, ask, Browser } from './support/client.ts'
import { type App, type Framework, frameworks } from './support/frameworks.ts'
import { type Running, serve } from './support/server.ts'

const hosts = [
  hostname(),
  'localhost',
  ...Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
].filter((host) => host !== '::1')

/** Everything that the client reads of a response, as it stands and as decoded tokens. */
function sent({ lines, cookies }: Answer): string {
  const owners = cookies.map((cookie) => decodeToken(cookie.split(/[=;]/)[1] ?? '')?.token.owner)
  return [...lines, ...owners].join('\n')
}

/** The word stands there by itself, and not as a few letters in the middle of random ones. */
const standsIn = (text: string, word: string) =>
  new RegExp(`(^|[^0-9A-Za-z_+/-])${word.replaceAll('.', '\\.')}([^0-9A-Za-z_+/-]|$)`, 'm').test(text)

function expectNoAddress(answer: Answer, ports: readonly number[]): void {
  const text = sent(answer)
  const found = [...hosts, ...ports.map(String)].filter((word) => standsIn(text, word))
  expect(found, text).toEqual([])
  expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+/)
}

describe.each(frameworks)(
  '$name: nothing sent to a client names a host, an IP or a port (law 10)',
  (framework: Framework) => {
    let backends: { running: Running; app: App }[] = []
    let ports: number[] = []

    beforeAll(async () => {
      process.env.REDIS_URL = inject('redisUrl')
      const make = () =>
        framework.make({ secret: 'a secret of the tests, 32 bytes or more' }, async (sticky, { method, path }) => {
          if (path === '/throw') throw new Error(`failed at ${hostname()}`)
          if (path === '/out') return { status: 302, headers: { location: '/in' } }
          if (method === 'POST') await sticky.session.set('cart', 1)
          if (path === '/login') await sticky.regenerate()
          return { status: path === '/missing' ? 404 : 200, body: await sticky.session.all() }
        })
      backends = await Promise.all([make(), make()].map(async (app) => ({ app, running: await serve(app.listener) })))
      delete process.env.REDIS_URL
      ports = [...backends.map(({ running }) => running.port), Number(new URL(inject('redisUrl')).port)]
    })

    afterAll(async () => {
      for (const { running, app } of backends) {
        await running.close()
        await app.close()
      }
    })

    it('on any response: new, resumed, misdirected, written, moved, failed, redirected, forged', async () => {
      const browser = new Browser()
      const [one, other] = ports
      const steps = ['/', '/missing', '/throw', '/out', '/login']
      for (const method of ['GET', 'POST', 'HEAD']) {
        for (const path of steps) {
          for (const port of [one, other]) expectNoAddress(await browser.ask(port ?? 0, path, { method }), ports)
        }
      }
      expect(browser.token.version).toBeGreaterThan(0)
      expectNoAddress(await ask(one ?? 0, '/', { headers: { cookie: `limpet=${browser.value}x` } }), ports)
    })

    it('the owner in the token is a random name, another for each backend', async () => {
      const owners = await Promise.all(
        backends.map(async ({ running }) => {
          const browser = new Browser()
          await browser.ask(running.port)
          return browser.token.owner
        }),
      )
      expect(new Set(owners).size).toBe(2)
      for (const owner of owners) expect(owner).toMatch(/^[A-Za-z0-9_-]{11}$/)
    })
  },
)
