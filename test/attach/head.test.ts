import { createServer, type RequestListener } from 'node:http'
import express from 'express'
import Koa from 'koa'
import onHeaders from 'on-headers'
import { afterEach, describe, expect, it } from 'vitest'
import { sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'
import { ask } from '../http/support/client.ts'
import { closeAll, later, listen, quiet } from './support/apps.ts'

afterEach(closeAll)

/** What middleware in front does to the response when its head leaves. */
type Meddling = (response: Parameters<typeof onHeaders>[0]) => void

const meddlers: Record<'Express' | 'Koa', (meddle: Meddling) => Promise<number>> = {
  Express(meddle) {
    const limpet = sticky(quiet().options)
    const app = express()
    app.use((_req, res, next) => {
      meddle(res)
      next()
    })
    app.use(limpet).use((_req, res) => void res.send('x'))
    return serve(app, limpet)
  },
  Koa(meddle) {
    const limpet = koaSticky(quiet().options)
    const app = new Koa()
    app.use((ctx, next) => {
      meddle(ctx.res)
      return next()
    })
    app.use(limpet).use((ctx) => {
      ctx.body = 'x'
    })
    return serve(app.callback(), limpet)
  },
}

function serve(listener: RequestListener, limpet: Pick<ReturnType<typeof sticky>, 'attach' | 'close'>) {
  later(() => limpet.close())
  const server = createServer(listener)
  limpet.attach(server)
  return listen(server)
}

describe.each(['Express', 'Koa'] as const)('%s: limpet has the last word', (framework) => {
  it('middleware in front makes the response public: it goes without the cookie (law 9)', async () => {
    const port = await meddlers[framework]((res) => {
      onHeaders(res, () => void res.setHeader('Cache-Control', 'public, max-age=60'))
    })
    const { cookies, headers } = await ask(port)
    expect([cookies, headers['cache-control']]).toEqual([[], 'public, max-age=60'])
  })

  it('middleware in front says public without a time: it says private instead (law 9)', async () => {
    const port = await meddlers[framework]((res) => {
      onHeaders(res, () => void res.setHeader('Cache-Control', 'public'))
    })
    const { cookies, headers } = await ask(port)
    expect([cookies.length, headers['cache-control']]).toEqual([1, 'private'])
  })

  it('middleware in front replaces all cookies: both are there (law 1)', async () => {
    const port = await meddlers[framework]((res) => {
      onHeaders(res, () => void res.setHeader('Set-Cookie', 'theirs=1'))
    })
    expect((await ask(port)).headers['set-cookie']).toEqual(['theirs=1', expect.stringMatching(/^limpet=/)])
  })

  it('middleware in front removes every header (law 1)', async () => {
    const port = await meddlers[framework]((res) => {
      onHeaders(res, () => {
        for (const name of res.getHeaderNames()) res.removeHeader(name)
      })
    })
    expect((await ask(port)).cookies).toHaveLength(1)
  })
})
