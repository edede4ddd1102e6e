import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../../support/until.ts'
import { cookieOf, send } from '../support/client.ts'
import { type Fault, homeOn, seen, sees } from './fault.ts'

export const killedIdle: Fault = {
  title: 'The owner is killed (`kill -9`) while it has nothing to do',
  how: 'Three backends; the owner of a session with data is killed, and requests of that session come to the two others.',
  async run(stage) {
    const [owner, other, third] = await stage.start(['idle1', 'idle2', 'idle3'])
    const headers = await homeOn(owner)
    expect((await send(other.port, '/who', { headers })).text).toBe(owner.id)
    await owner.kill()
    const names = { idle2: 'from the backend where it landed' }
    const atOnce = await send(other.port, '/who', { headers })
    expect(cookieOf(atOnce)).toBe(headers.cookie)
    await until(() => [other, third].every((one) => one.knows(owner) === 'down'), 'its end was noticed')
    const answers = await Promise.all([other, third, other, third].map(({ port }) => send(port, '/who', { headers })))
    const heirs = new Set(answers.map(({ status, text }) => `${status} ${text}`))
    expect(heirs.size).toBe(1)
    return [
      ['`GET`, at once', `${seen(atOnce, names)}; the session stays the dead one's, for it may only be out of reach`],
      [
        'four `GET` at once at both others, after its end was noticed',
        '200 four times, from one and the same new owner',
      ],
    ]
  },
}

export const killedBusy: Fault = {
  title: 'The owner is killed (`kill -9`) in the middle of its work',
  how: 'Two backends; all requests come to the one that is not the owner, and the owner is killed when all of them are half done.',
  async run(stage) {
    const [owner, other] = await stage.start(['busy1', 'busy2'])
    const headers = await homeOn(owner)
    const redis = new Redis(stage.redisUrl)
    const done = async (what: string) => Number(await redis.get(`work:${what}`))
    try {
      const upload = answerTo(halfSent(other.port, '/add/body', headers))
      const half = request({ port: other.port, path: '/work/half?half', method: 'POST', headers, agent: false })
      half.end('x')
      const [response] = (await once(half, 'response')) as [IncomingMessage]
      const [chunk] = await once(response, 'data')
      const waiting = sees(other.port, '/work/nothing', { method: 'POST', headers, body: 'x' }, {})
      const socket = new WebSocket(`ws://127.0.0.1:${other.port}/`, { headers })
      await once(socket, 'open')
      socket.send('hello')
      expect(String((await once(socket, 'message'))[0])).toBe('busy1 hello')
      const closed = once(socket, 'close')
      await until(async () => (await done('nothing')) === 1, 'the owner works at it')
      const broken = endOf(response)
      await owner.kill()

      const [code] = await closed
      const again = new WebSocket(`ws://127.0.0.1:${other.port}/`, { headers })
      await once(again, 'open')
      again.send('again')
      const [echo] = await once(again, 'message')
      again.close()
      const rows = [
        ['`POST` whose body is half sent', await upload],
        ['`POST` that the owner works at', await waiting],
        ['`POST` whose answer is half there', `200, "${chunk}", ${await broken}`],
        ['WebSocket', `it closes, code ${code}; a new one opens where it lands and echoes "${echo}"`],
      ] as const
      expect([await done('body'), await done('nothing'), await done('half')]).toEqual([0, 1, 1])
      return [...rows, ['how often the work was done, of the three `POST`', '0, 1, 1: nothing was sent a second time']]
    } finally {
      redis.disconnect()
    }
  },
}

function halfSent(port: number, path: string, headers: Record<string, string>): ClientRequest {
  const sized = { ...headers, 'content-length': '2000' }
  const upload = request({ port, path, method: 'POST', headers: sized, agent: false })
  upload.on('error', () => undefined)
  upload.write('x'.repeat(1000))
  return upload
}

async function answerTo(upload: ClientRequest): Promise<string> {
  const [response] = (await once(upload, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  upload.destroy()
  return `${response.statusCode}, "${text.trim()}"`
}

function endOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    response.on('end', () => resolve('and its end')).on('error', () => resolve('and the connection breaks off'))
  })
}
