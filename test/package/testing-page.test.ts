import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import request from 'supertest'
import { afterAll, describe, expect, test } from 'vitest'
import { ensureBuilt, root } from './support/built.ts'
import { snippetsOf } from './support/snippets.ts'

await ensureBuilt()
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache', 'testing-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const page = snippetsOf('docs/testing.md')
const titles = [...page.matchAll(/^test\('([^']+)'/gm)].map(([, title]) => title)

describe('docs/testing.md', async () => {
  // The page is a file of tests: imported here, its tests are tests of this file.
  const file = join(folder, 'page.ts')
  writeFileSync(file, page)
  await import(file)

  test('has its tests among those of this file', ({ task }) => {
    const siblings = task.suite?.tasks.map(({ name }) => name) ?? []
    expect(titles.length).toBeGreaterThanOrEqual(5)
    expect(siblings).toEqual(expect.arrayContaining(titles))
  })
})

describe('other frameworks and runners, as the table on the page says', () => {
  const secret = 'a secret for tests, at least 32 bytes'
  const count = (visits: unknown) => Number(visits ?? 0) + 1

  /** Asks twice with one agent, which has to be one visitor. */
  async function twice(listener: Parameters<typeof request.agent>[0]): Promise<unknown[]> {
    const agent = request.agent(listener)
    return [(await agent.get('/')).body, (await agent.get('/')).body]
  }

  test('Koa, Fastify and Hono with an agent', async () => {
    const [koa, plugin, hono] = [
      (await import('limpet/koa')).sticky({ secret }),
      (await import('limpet/fastify')).sticky({ secret }),
      (await import('limpet/hono')).sticky({ secret }),
    ]
    const koaApp = new Koa().use(koa).use(async (ctx) => {
      ctx.body = [await ctx.sticky.session.update('visits', count)]
    })
    expect(await twice(koaApp.callback())).toEqual([[1], [2]])

    const fastifyApp = fastify()
    await fastifyApp.register(plugin)
    fastifyApp.get('/', async ({ sticky }) => [await sticky.session.update('visits', count)])
    await fastifyApp.ready()
    expect(await twice(fastifyApp.server)).toEqual([[1], [2]])
    const first = await fastifyApp.inject({ url: '/' })
    const cookies = Object.fromEntries(first.cookies.map(({ name, value }) => [name, value]))
    expect((await fastifyApp.inject({ url: '/', cookies })).json()).toEqual([2])

    const honoApp = new Hono()
    honoApp.use(hono)
    honoApp.get('/', async (c) => c.json([await c.var.sticky.session.update('visits', count)]))
    expect(await twice(getRequestListener(honoApp.fetch))).toEqual([[1], [2]])
    await Promise.all([koa.close(), fastifyApp.close(), hono.close()])
  })

  test("node:test's own timers, with a memoryStore() that reads Date", async () => {
    const { memoryStore, sticky } = await import('limpet')
    const express = (await import('express')).default
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    const limpet = sticky({ secret, idleTimeout: '20m', store: memoryStore({ now: () => Date.now() }) })
    try {
      const app = express().use(limpet)
      app.get('/', async (req, res) => void res.json([req.sticky.reason, await req.sticky.session.update('n', count)]))
      const [cookie = ''] = [(await request(app).get('/')).headers['set-cookie']].flat()
      const look = async () => (await request(app).get('/').set('Cookie', cookie)).body
      mock.timers.tick(19 * 60_000)
      expect(await look()).toEqual([expect.any(String), 2])
      mock.timers.tick(21 * 60_000)
      expect(await look()).toEqual(['expired', 1])
    } finally {
      mock.timers.reset()
      await limpet.close()
    }
  })
})
