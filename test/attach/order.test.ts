import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, Browser } from '../http/support/client.ts'
import { type App, closeAll, type Framework, frameworks, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

type Steps = (app: App) => Promise<number>

/** Whatever the order of calls. Each returns the port. */
const orders: [string, Steps][] = [
  [
    'attach, mount, listen',
    (app) => {
      const server = createServer(app.listener)
      app.limpet.attach(server)
      app.mount()
      return listen(server)
    },
  ],
  [
    'mount, attach, listen',
    (app) => {
      app.mount()
      const server = createServer(app.listener)
      app.limpet.attach(server)
      return listen(server)
    },
  ],
  [
    'mount, listen, attach',
    async (app) => {
      app.mount()
      const server = createServer(app.listener)
      const port = await listen(server)
      app.limpet.attach(server)
      return port
    },
  ],
  [
    'listen, attach, mount, and the listener comes last',
    async (app) => {
      const server = createServer()
      const port = await listen(server)
      app.limpet.attach(server)
      app.mount()
      server.on('request', app.listener)
      return port
    },
  ],
  [
    'after a first request',
    async (app) => {
      app.mount()
      const server = createServer(app.listener)
      const port = await listen(server)
      expect((await ask(port, '/front')).cookies).toEqual([])
      app.limpet.attach(server)
      return port
    },
  ],
  [
    'two times',
    (app) => {
      app.mount()
      const server = createServer(app.listener)
      app.limpet.attach(server)
      app.limpet.attach(server)
      return listen(server)
    },
  ],
  [
    'the listeners are taken away and called by somebody else, as engine.io does',
    (app) => {
      app.mount()
      const server = createServer(app.listener)
      app.limpet.attach(server)
      const found = server.listeners('request')
      server.removeAllListeners('request')
      server.on('request', (req, res) => {
        if (req.url === '/theirs') return void res.end('theirs')
        for (const listener of found) listener.call(server, req, res)
      })
      return listen(server)
    },
  ],
]

describe.each<Framework>(frameworks)('$name: every response of the server carries one cookie (law 1)', ({ make }) => {
  it.each(orders)('%s', async (_order, steps) => {
    const { options, events } = quiet()
    const app = make(options)
    later(() => app.limpet.close())
    const port = await steps(app)
    const browser = new Browser()
    const first = await browser.ask(port, '/front')
    expect([first.status, first.cookies.length]).toEqual([200, 1])
    const { id } = browser.token
    const second = await browser.ask(port, '/')
    expect([JSON.parse(second.body), second.cookies.length]).toEqual([{ id }, 1])
    expect(browser.token.id).toBe(id)
    expect((await browser.ask(port, '/nothing')).cookies).toHaveLength(1)
    expect((await browser.ask(port, '/theirs')).cookies).toHaveLength(1)
    expect(events).toEqual([])
  })
})
