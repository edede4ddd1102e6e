import { createServer, type RequestListener } from 'node:http'
import { inspect } from 'node:util'
import express from 'express'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'
import type { LimpetEvent } from '../../src/ports/events.ts'
import { ask } from '../http/support/client.ts'
import { closeAll, createServer as create, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

const twice = [{ type: 'warning', code: 'mounted-twice', message: expect.stringMatching(/second sticky\(\)/) }]

/** Modules of their own, as where two packages depend on different versions of limpet. */
async function anotherCopy(): Promise<typeof sticky> {
  vi.resetModules()
  const { sticky: copy } = await import('../../src/index.ts')
  expect(copy).not.toBe(sticky)
  return copy
}

/** Asks two times: the second request has no reason for another warning. */
async function names(listener: RequestListener) {
  const port = await listen(create(listener))
  const answers = [await ask(port), await ask(port)]
  return answers.map(({ headers }) => headers['set-cookie']?.map((cookie) => cookie.split('=')[0]))
}

const ONE = [['limpet'], ['limpet']]

describe('of two sticky() the second does nothing, and says so once', () => {
  it('limpet/koa inside an Express application', async () => {
    const [outer, inner] = [quiet(), quiet({ cookie: { name: 'inner' } })]
    const ids: unknown[] = []
    const koa = new Koa().use(koaSticky(inner.options)).use((ctx) => {
      ids.push(ctx.sticky.id)
      ctx.body = 'x'
    })
    const app = express().use(sticky(outer.options))
    app.use((req, res) => {
      ids.push(req.sticky.id)
      return koa.callback()(req, res)
    })
    expect(await names(app)).toEqual(ONE)
    // One session, wherever it is read.
    expect([ids[0] === ids[1], ids[2] === ids[3]]).toEqual([true, true])
    expect([outer.events, inner.events]).toEqual([[], twice])
  })

  it('limpet inside a Koa application', async () => {
    const [outer, inner] = [quiet(), quiet({ cookie: { name: 'inner' } })]
    const app = express().use(sticky(inner.options))
    app.use((req, res) => void res.send(req.sticky.id))
    const koa = new Koa().use(koaSticky(outer.options)).use((ctx) => {
      ctx.respond = false
      app(ctx.req, ctx.res)
    })
    expect(await names(koa.callback())).toEqual(ONE)
    expect([outer.events, inner.events]).toEqual([[], twice])
  })

  it('two copies of the package', async () => {
    const copy = await anotherCopy()
    const [outer, inner] = [quiet(), quiet({ cookie: { name: 'inner' } })]
    const app = express().use(sticky(outer.options)).use(copy(inner.options))
    app.use((req, res) => void res.send(req.sticky.id))
    expect(await names(app)).toEqual(ONE)
    expect([outer.events, inner.events]).toEqual([[], twice])
  })

  it('one attached, another in the application', async () => {
    const [outer, inner] = [quiet(), quiet({ cookie: { name: 'inner' } })]
    const limpet = sticky(outer.options)
    const app = express().use(sticky(inner.options))
    app.use((req, res) => void res.send(req.sticky.id))
    const server = createServer(app)
    limpet.attach(server)
    later(() => limpet.close())
    const { headers } = await ask(await listen(server))
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^limpet=/)])
    expect([outer.events, inner.events]).toEqual([[], twice])
  })

  it('two copies of the package cannot both be attached', async () => {
    const copy = await anotherCopy()
    const server = createServer()
    sticky(quiet().options).attach(server)
    expect(() => copy(quiet().options).attach(server)).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_OPTIONS' }))
  })
})

it('the same sticky() mounted two times is harmless', async () => {
  const { options, events } = quiet()
  const limpet = sticky(options)
  const app = express().use(limpet).use(limpet)
  app.use((req, res) => void res.send(req.sticky.id))
  expect(await names(app)).toEqual(ONE)
  expect(events).toEqual([])
})

it('what stands on the request shows no value, no secret and nothing of the machinery (law 10)', async () => {
  const { options } = quiet()
  let shown = ''
  const app = express().use(sticky(options))
  app.use(async (req, res) => {
    await req.sticky.session.set('user', 'a value that nobody may see')
    await req.sticky.session.get('user')
    shown = inspect(req, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null })
    res.end()
  })
  const events: LimpetEvent[] = []
  await ask(await listen(create(app)))
  expect(shown).toContain('limpet.visit')
  expect(shown).not.toMatch(/nobody may see|32 bytes or more|Services|keyring/i)
  expect(events).toEqual([])
})
