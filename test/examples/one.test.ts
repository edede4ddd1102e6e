import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { asks, browser, cookiesOf } from './support/browser.ts'
import { frameworks, killAll, SECRET, startShop } from './support/shop.ts'

const clean = { code: 0, signal: null }

describe.each(frameworks)('the %s example as one process', (framework) => {
  beforeAll(ensureBuilt, 180_000)
  afterEach(killAll)

  test('runs with nothing set, keeps sessions in memory, and ends cleanly on SIGTERM', async () => {
    const shop = await startShop(framework)
    const ada = browser()
    await ada.post(`${shop.url}/cart`).send({ item: 'net' }).expect(200)
    await ada.post(`${shop.url}/login`).send({ name: 'ada', password: 'limpet' }).expect(303)
    const add = () => ada.post(`${shop.url}/cart`).send({ item: 'towel' }).expect(200)
    await Promise.all(Array.from({ length: 10 }, add))
    const { body } = await ada.get(`${shop.url}/`).expect(200)
    expect(body).toMatchObject({ user: 'ada', cart: { net: 1, towel: 10 } })
    await ada.post(`${shop.url}/logout`).expect(303)
    const after = (await ada.get(`${shop.url}/`).expect(200)).body
    expect([after.user, after.cart]).toEqual([undefined, {}])
    expect(shop.output()).toContain('LIMPET_SECRET')
    expect(await shop.stop()).toEqual(clean)
  })

  test('with Redis, lets the running request finish before it ends, however often it is told to', async () => {
    const shop = await startShop(framework, {
      REDIS_URL: inject('redisUrl'),
      LIMPET_SECRET: SECRET,
    })
    const port = Number(new URL(shop.url).port)
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text
    })
    socket.write('POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n')
    socket.write('Content-Length: 14\r\nExpect: 100-continue\r\n\r\n')
    await vi.waitFor(() => expect(heard).toContain('100 Continue'))

    const ended = shop.stop()
    await vi.waitFor(() => expect(refuses(port)).resolves.toBe(true), { timeout: 10_000 })
    // npm and a shell may both pass the signal on.
    void shop.stop()
    socket.write('{"item":"net"}')
    await vi.waitFor(() => expect(heard).toMatch(/200 OK[\s\S]*Set-Cookie: limpet=[\s\S]*"net":1/i), {
      timeout: 10_000,
    })
    expect(await ended).toEqual(clean)
    socket.destroy()
  })

  test.each([
    ['believes', '1', true],
    ['does not believe', '0', false],
  ])('it %s X-Forwarded-Proto with TRUST_PROXY=%s', async (_what, TRUST_PROXY, secure) => {
    const shop = await startShop(framework, { TRUST_PROXY })
    const cookies = cookiesOf(await asks(shop.url, '').set('X-Forwarded-Proto', 'https'))
    expect(cookies).toHaveLength(1)
    // Hono has no such setting: what a proxy says is believed.
    expect(cookies[0]?.includes('; Secure;')).toBe(secure || framework === 'hono')
  })

  test('in production it does not start without a secret, and says what to set', async () => {
    const start = startShop(framework, { NODE_ENV: 'production' })
    await expect(start).rejects.toThrow(
      /ended with 1 [\s\S]*ERR_LIMPET_SECRET[\s\S]*set LIMPET_SECRET|set LIMPET_SECRET[\s\S]*ERR_LIMPET_SECRET/,
    )
  })
})

async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}
