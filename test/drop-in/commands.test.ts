import type { Express } from 'express'
import { expect, test } from 'vitest'
import { countedRedis } from '../http/support/redis.ts'
import { Jar } from './support/jar.ts'
import { backend } from './support/site.ts'

test('who stores nothing costs no Redis command, a change one, and a read none (law 7)', async () => {
  const redis = await countedRedis()
  const routes = (app: Express) => {
    app.get('/read', (req, res) => void res.json(req.session.n ?? null))
    app.get('/set', (req, res) => {
      req.session.n = 1
      req.session.cart = ['net']
      res.end()
    })
  }
  const one = await backend(redis.server.url, routes, { store: redis.store, onEvent: redis.onEvent })
  await redis.ready()
  // Redis learns the script.
  await new Jar().ask(one.port, '/set')
  const start = await redis.counts()
  expect((await new Jar().ask(one.port, '/read')).set).toEqual([])
  const forger = new Jar()
  forger.cookies.set('connect.sid', 's:forged.x')
  await forger.ask(one.port, '/read')
  expect(await redis.counts()).toEqual(start)
  const jar = new Jar()
  await jar.ask(one.port, '/set')
  const written = await redis.counts()
  // What a script sends itself is counted beside it.
  expect((written.evalsha ?? 0) - (start.evalsha ?? 0)).toBe(1)
  expect(written.eval).toBe(start.eval)
  for (let times = 0; times < 3; times++) expect(await jar.json(one.port, '/read')).toBe(1)
  expect(await redis.counts()).toEqual(written)
  await one.close()
  await redis.stop()
})
