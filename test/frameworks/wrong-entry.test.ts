import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterAll, expect, it } from 'vitest'
import { sticky as fastifySticky } from '../../src/fastify.ts'
import { sticky as honoSticky } from '../../src/hono.ts'
import { memoryStore, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'

type Mounting = (given: never) => Promise<unknown>

/** A request and a response without a client. */
function arrival() {
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/' })
  return { request, response: new ServerResponse(request) }
}

/** Each mounts what it is given, answers one request, and resolves to the error that this brought about. */
const APPS: Record<string, { entry: string; how: string; mount: Mounting }> = {
  Express: {
    entry: 'limpet',
    how: 'app.use(sticky())',
    mount: (given) =>
      new Promise((resolve) => {
        const { request, response } = arrival()
        const app = express().use(given)
        app.use((error: unknown, _req: unknown, _res: unknown, _next: unknown) => resolve(error))
        app(request as never, response as never)
      }),
  },
  Koa: {
    entry: 'limpet/koa',
    how: 'app.use(sticky())',
    mount: (given) =>
      new Promise((resolve) => {
        const { request, response } = arrival()
        new Koa().use(given).on('error', resolve).callback()(request, response)
      }),
  },
  Fastify: {
    entry: 'limpet/fastify',
    how: 'await app.register(sticky())',
    mount: async (given) => {
      const app = fastify()
      return app
        .register(given)
        .ready()
        .then(
          () => undefined,
          (error: unknown) => error,
        )
    },
  },
  Hono: {
    entry: 'limpet/hono',
    how: 'app.use(sticky())',
    mount: async (given) => {
      let seen: unknown
      const app = new Hono().use(given).onError((error, c) => {
        seen = error
        return c.text('', 500)
      })
      await app.request('/')
      return seen
    },
  },
}

const options = { secret: 'a secret of the tests, 32 bytes or more', store: memoryStore(), onEvent: () => undefined }
const handles = {
  Express: sticky(options),
  Koa: koaSticky(options),
  Fastify: fastifySticky(options),
  Hono: honoSticky(options),
}
afterAll(async () => {
  for (const handle of Object.values(handles)) await handle.close()
})

const pairs = Object.keys(APPS).flatMap((app) =>
  Object.entries(handles).flatMap(([of, handle]) => (of === app ? [] : [{ app, of, handle }])),
)

it.each(pairs)('the sticky() for $of, given to $app: the error names the entry and how to mount it', async (pair) => {
  const { entry, how, mount } = APPS[pair.app] ?? {}
  const error = await mount?.(pair.handle as never)
  expect(error).toMatchObject({
    code: 'ERR_LIMPET_OPTIONS',
    message: expect.stringMatching(new RegExp(`^this sticky\\(\\) is for ${pair.of}.*, and was given to ${pair.app}`)),
  })
  expect((error as Error).message).toContain(`import { sticky } from '${entry}', and write ${how}`)
})

it.each([
  ['Express', sticky],
  ['Koa', koaSticky],
  ['Hono', honoSticky],
] as const)('%s: sticky itself, without the call', async (app, uncalled) => {
  const error = await APPS[app]?.mount(uncalled as never)
  expect(error).toMatchObject({
    code: 'ERR_LIMPET_OPTIONS',
    message: expect.stringContaining('write app.use(sticky())'),
  })
})

it('Fastify: sticky itself, without the call, which Fastify hands its instance', () => {
  expect(() => Reflect.apply(fastifySticky, undefined, [fastify(), {}, () => undefined])).toThrow(
    expect.objectContaining({
      code: 'ERR_LIMPET_OPTIONS',
      message: expect.stringContaining('write app.register(sticky())'),
    }),
  )
})

it.each(['Express', 'Koa', 'Fastify', 'Hono'] as const)('%s: its own brings no error', async (app) => {
  // Whoever answers nobody waits for ever; what counts is that no error came first.
  const nothing = new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(await Promise.race([APPS[app]?.mount(handles[app] as never), nothing])).toBeUndefined()
})
