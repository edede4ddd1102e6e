import type { ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { memoryStore, sticky } from '../../src/index.ts'
import { type Answer, ask } from './support/client.ts'
import { serve } from './support/server.ts'

const handle = sticky({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore() })
afterEach(() => handle.close())

type Calls = (response: ServerResponse) => void

/** What node:http makes of these calls, each with the error that it throws, by itself and with limpet. */
async function bothWays(calls: readonly Calls[]) {
  const play = async (withLimpet: boolean) => {
    const errors: unknown[] = []
    const app = (response: ServerResponse) => {
      for (const call of calls) {
        try {
          call(response)
        } catch (error) {
          const { code, message } = error as { code?: string; message: string }
          errors.push([code, message])
        }
      }
      response.end()
    }
    const running = await serve((request, response) =>
      withLimpet ? handle(request, response, () => app(response)) : app(response),
    )
    const answer = await ask(running.port)
    await running.close()
    return { errors, answer }
  }
  return { bare: await play(false), ours: await play(true) }
}

const linesOf = ({ lines }: Answer, name: string) => lines.filter((line) => line.toLowerCase().startsWith(`${name}:`))

it.each<[what: string, calls: Calls[], code: string]>([
  [
    'an empty name, and nothing set before',
    [(res) => res.writeHead(200, { '': 'nothing' }), (res) => res.removeHeader('')],
    'ERR_INVALID_HTTP_TOKEN',
  ],
  ['an impossible status', [(res) => res.writeHead(1000)], 'ERR_HTTP_INVALID_STATUS_CODE'],
  ['a second head', [(res) => res.writeHead(200), (res) => res.writeHead(500)], 'ERR_HTTP_HEADERS_SENT'],
  [
    'a second head, after one that failed',
    [(res) => res.writeHead(1000), (res) => res.writeHead(200), (res) => res.writeHead(500, { 'X-A': '1' })],
    'ERR_HTTP_HEADERS_SENT',
  ],
  ['a head after flushHeaders', [(res) => res.flushHeaders(), (res) => res.writeHead(500)], 'ERR_HTTP_HEADERS_SENT'],
])('%s: the same error as without limpet, and one cookie', async (_what, calls, code) => {
  const { bare, ours } = await bothWays(calls)
  expect(ours.errors).toEqual(bare.errors)
  expect(bare.errors.at(-1)).toMatchObject([code, expect.any(String)])
  expect(ours.answer.status).toBe(bare.answer.status)
  expect(ours.answer.cookies).toHaveLength(1)
})

it.each<[what: string, calls: Calls[]]>([
  ['a name in two spellings', [(res) => res.writeHead(200, { 'X-A': '1', 'x-a': '2' })]],
  [
    'a name in two spellings, and something set before',
    [(res) => res.setHeader('X-B', '1'), (res) => res.writeHead(200, { 'X-A': '1', 'x-a': '2' })],
  ],
  [
    'an empty name, and something set before',
    [(res) => res.setHeader('X-B', '1'), (res) => res.writeHead(200, { '': 'nothing', 'X-A': '1' })],
  ],
  [
    'a content type in two spellings, and something set before: the framing of a response is not a cookie',
    [
      (res) => res.setHeader('X-A', '1'),
      (res) => res.writeHead(200, { 'Content-Type': 'text/html', 'content-type': 'text/plain' }),
    ],
  ],
])('%s: the same lines as without limpet', async (_what, calls) => {
  const { bare, ours } = await bothWays(calls)
  expect(ours.errors).toEqual([])
  for (const name of ['x-a', 'x-b', 'content-type']) {
    const values = (answer: Answer) => linesOf(answer, name).map((line) => line.slice(line.indexOf(':')))
    expect(values(ours.answer)).toEqual(values(bare.answer))
  }
  expect(ours.answer.cookies).toHaveLength(1)
})
