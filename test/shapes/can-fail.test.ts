import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { playCell } from './cell.ts'
import type { Contender, Seen } from './contenders.ts'
import { groups } from './rows/index.ts'
import type { ServerName } from './shape.ts'

type Trick = 'early' | 'greedy' | 'twice' | 'forgetful' | 'loud'

/** Session middleware with one thing wrong: what a matrix is worth shows in what it says about them. */
function broken(trick: Trick): Contender {
  const seen = new WeakMap<IncomingMessage, Seen>()
  const arrive = (req: IncomingMessage, res: ServerResponse) => {
    const brought = /(?:^|; )sloppy=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1]
    const id = trick === 'forgetful' ? randomUUID() : (brought ?? randomUUID())
    seen.set(req, { id, state: brought === undefined ? 'new' : 'resumed' })
    const setCookie = () => {
      if (trick === 'greedy') res.setHeader('Set-Cookie', `sloppy=${id}`)
      else res.appendHeader('Set-Cookie', `sloppy=${id}`)
      if (trick === 'twice') res.appendHeader('Set-Cookie', `sloppy=${id}; Path=/`)
      if (trick === 'loud') res.appendHeader('X-Session', id)
    }
    if (trick === 'early') return setCookie()
    const { writeHead } = res
    res.writeHead = ((status: number, ...rest: []) => {
      if (!res.headersSent) setCookie()
      return writeHead.call(res, status, ...rest)
    }) as typeof writeHead
  }
  const look = (req: IncomingMessage) => seen.get(req) ?? { id: '', state: 'new' as const }
  return {
    label: trick,
    cookie: 'sloppy',
    companions: [],
    connect: () => ({
      middleware: (req, res, next) => {
        arrive(req, res)
        next()
      },
      look,
      write: async () => {},
    }),
    koa: () => ({
      middleware: (ctx, next) => {
        arrive(ctx.req, ctx.res)
        return next()
      },
      look: (ctx) => look(ctx.req),
      write: async () => {},
    }),
  }
}

async function wordsFor(trick: Trick, name: string, server: ServerName, strict = false): Promise<string[]> {
  const row = groups.flatMap((group) => group.rows).find((one) => one.name === name)
  if (!row) throw new Error(`there is no row "${name}"`)
  return (await playCell(row, server, broken(trick), { strict })).map(({ word }) => word)
}

describe('the matrix notices', () => {
  it.each([
    ['thrown error', 'koa3'],
    ['an error handler that removes every header', 'express5'],
    ['set, then replaced by setHeader', 'http'],
    ['headers with several cookies in one array', 'http2'],
  ] as const)('a cookie set too early: %s on %s', async (name, server) => {
    expect(await wordsFor('early', name, server)).toEqual(['no cookie'])
  })

  it("that the app's cookies were lost", async () => {
    expect(await wordsFor('greedy', 'two, as an array', 'koa3')).toEqual(["app's cookies"])
  })

  it('two cookies of one name', async () => {
    expect(await wordsFor('twice', '200 OK', 'express4')).toEqual(['2 cookies'])
  })

  it('a cookie that does not bring the session back', async () => {
    expect(await wordsFor('forgetful', '200 OK', 'koa2')).toEqual(['session lost'])
  })

  it('a header that nobody asked for', async () => {
    expect(await wordsFor('loud', '200 OK', 'http', true)).toEqual(['changed'])
    expect(await wordsFor('loud', '200 OK', 'http2', true)).toEqual(['changed'])
  })

  it('nothing where all is well', async () => {
    expect(await wordsFor('loud', '200 OK', 'http')).toEqual([])
  })
})
