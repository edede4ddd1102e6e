import { createServer } from 'node:http'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { type StickyOptions, sticky } from '../../src/index.ts'
import { ask, Browser } from '../http/support/client.ts'
import { type App, closeAll, frameworks, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

type Skip = NonNullable<StickyOptions['skip']>
const skipped = ({ url }: Parameters<Skip>[0]) => url === '/front' || url === '/healthz'

async function start(app: App, attach: boolean) {
  later(() => app.limpet.close())
  app.mount()
  const server = createServer(app.listener)
  if (attach) app.limpet.attach(server)
  return listen(server)
}

const places = frameworks.flatMap((framework) => [
  { ...framework, attach: true },
  // Without attach somebody has to call the middleware.
  ...(framework.name.startsWith('node:http') ? [] : [{ ...framework, attach: false }]),
])

describe.each(places)('$name, attached: $attach', ({ make, attach }) => {
  it('what is skipped gets no cookie; all else does', async () => {
    const { options, events } = quiet({ skip: skipped })
    const port = await start(make(options), attach)
    for (const path of ['/front', '/healthz']) expect((await ask(port, path)).cookies).toEqual([])
    expect((await ask(port, '/')).cookies).toHaveLength(1)
    expect(events).toEqual([])
  })

  it('a skip that throws: the request is served as any other, and one warning says why', async () => {
    const skip: Skip = ({ url }) => new URL(url ?? '').pathname === '/healthz'
    const { options, events } = quiet({ skip })
    const port = await start(make(options), attach)
    for (let i = 0; i < 2; i++) expect((await ask(port, '/')).cookies).toHaveLength(1)
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'skip-failed',
        message: expect.stringMatching(/skip threw.*it threw TypeError\. Reported once$/),
      },
    ])
  })

  it('a skip that is async: nothing is skipped, and one warning says why', async () => {
    const skip = (async () => {
      throw new Error('too late')
    }) as unknown as Skip
    const { options, events } = quiet({ skip })
    const port = await start(make(options), attach)
    for (let i = 0; i < 2; i++) expect((await ask(port, '/')).cookies).toHaveLength(1)
    expect(events).toEqual([{ type: 'warning', code: 'skip-failed', message: expect.stringMatching(/promise/) }])
  })

  it('it is asked once for each request', async () => {
    const asked: (string | undefined)[] = []
    const { options } = quiet({
      skip({ method, url, headers }) {
        asked.push(`${method} ${url} ${typeof headers.host}`)
        return skipped({ url, headers })
      },
    })
    const port = await start(make(options), attach)
    await ask(port, '/healthz')
    await ask(port, '/')
    expect(asked).toEqual(['GET /healthz string', 'GET / string'])
  })
})

it('req.sticky is not there for what is skipped', async () => {
  const { options } = quiet({ skip: skipped })
  const limpet = sticky(options)
  const app = express().use(limpet)
  app.use((req, res) => void res.json('sticky' in req))
  const server = createServer(app)
  limpet.attach(server)
  later(() => limpet.close())
  const port = await listen(server)
  expect([(await ask(port, '/healthz')).body, (await ask(port, '/')).body]).toEqual(['false', 'true'])
})

describe('two sticky() attached to one server', () => {
  const isAdmin: Skip = ({ url }) => url?.startsWith('/admin') === true
  const shop = { skip: isAdmin }
  const admin = { skip: (request: Parameters<Skip>[0]) => !isAdmin(request), cookie: { name: 'admin' } }

  async function both(one: StickyOptions, other: StickyOptions) {
    const [first, second] = [quiet(one), quiet(other)]
    const limpets = [sticky(first.options), sticky(second.options)]
    const app = express()
    for (const limpet of limpets) app.use(limpet)
    app.use((req, res) => void res.json(req.sticky.id))
    const server = createServer(app)
    for (const limpet of limpets) {
      limpet.attach(server)
      later(() => limpet.close())
    }
    return { port: await listen(server), events: [...first.events, ...second.events], first, second }
  }

  it.each([
    ['one way', shop, admin],
    ['and the other', admin, shop],
  ])('work side by side where each skips the requests of the other: %s', async (_way, one, other) => {
    const { port, first, second } = await both(one, other)
    const cookies = async (path: string) =>
      (await ask(port, path)).headers['set-cookie']?.map((text) => text.split('=')[0])
    expect([await cookies('/'), await cookies('/admin')]).toEqual([['limpet'], ['admin']])
    expect([first.events, second.events]).toEqual([[], []])
    const browser = new Browser()
    const id = (await browser.ask(port, '/')).body
    expect((await browser.ask(port, '/')).body).toBe(id)
  })

  it.each([
    ['the first skips nothing', {}, admin],
    ['the second skips nothing', shop, {}],
  ])('are an error where %s', async (_which, one, other) => {
    await expect(both(one, other)).rejects.toMatchObject({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringMatching(/give each a `skip`/),
    })
  })

  it('what neither skips goes to one of them, and the other says so once', async () => {
    const { port, first, second } = await both(shop, { skip: () => false, cookie: { name: 'admin' } })
    for (let i = 0; i < 2; i++) expect((await ask(port, '/')).headers['set-cookie']).toHaveLength(1)
    expect([...first.events, ...second.events]).toMatchObject([{ code: 'mounted-twice' }])
  })
})
