import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { cookieOf, send } from '../support/client.ts'
import { type Fault, homeOn, seen } from './fault.ts'

export const stopped: Fault = {
  title: 'The owner stands still (`SIGSTOP`)',
  how: 'Two backends; the owner is stopped, a `POST` comes to the other one, and later the owner goes on.',
  async run(stage) {
    const [owner, other] = await stage.start(['still1', 'still2'])
    const headers = await homeOn(owner)
    const redis = new Redis(stage.redisUrl)
    owner.signal('SIGSTOP')
    try {
      const names = { still2: 'from the backend where it landed, the new owner' }
      const post = await send(other.port, '/add/still', { method: 'POST', headers, body: 'x' })
      expect(await redis.get('work:still')).toBe(null)
      const next = await send(other.port, '/who', { headers })
      headers.cookie = cookieOf(next)
      owner.signal('SIGCONT')
      await until(() => other.knows(owner) === 'up', 'it is there again')
      const back = await send(owner.port, '/who', { headers })
      // What had reached it before it stood still it may do when it wakes, once: nobody has sent it again.
      expect(Number(await redis.get('work:still'))).toBeLessThanOrEqual(1)
      return [
        ['`POST`', `${seen(post)}, when the owner's heartbeat has failed for six and a half seconds`],
        ['the next request', seen(next, names)],
        ['one at the old owner, after it woke', seen(back, { still2: 'from the new owner' })],
        ['how often the `POST` was done', 'at most once: by the old owner, when it woke'],
      ]
    } finally {
      owner.signal('SIGCONT')
      redis.disconnect()
    }
  },
}

export const slowLoris: Fault = {
  title: 'A peer that answers byte by byte, and one that asks so (slow loris)',
  how: 'Two backends; 50 answers of the owner drip through the other one, and 200 connections send it the head of a hop, byte by byte.',
  async run(stage) {
    const [owner, other] = await stage.start(['loris1', 'loris2'])
    const headers = await homeOn(owner)
    const drips = Array.from({ length: 50 }, () =>
      request({ port: other.port, path: '/drip', headers, agent: false }).end(),
    )
    const responses = await Promise.all(drips.map(async (drip) => (await once(drip, 'response'))[0]))
    const sockets = Array.from({ length: 200 }, () => connect(other.port, '127.0.0.1'))
    const head = 'GET / HTTP/1.1\r\nHost: x\r\nlimpet-hop: 1.aaaaaaaa.'
    for (const socket of sockets) socket.on('error', () => undefined)
    try {
      const got = await Promise.all(responses.map(async (response) => String((await once(response, 'data'))[0])))
      expect(got.every((text) => /^\.+$/.test(text))).toBe(true)
      const answers: string[] = []
      for (const byte of head) {
        for (const socket of sockets) socket.write(byte)
        answers.push((await send(other.port, '/who', { headers })).text, (await send(other.port, '/who')).text)
      }
      expect(new Set(answers)).toEqual(new Set([owner.id, other.id]))
      return [
        ['50 `GET` whose answers drip', 'each byte when it comes'],
        [`${answers.length} other \`GET\` meanwhile, one after the other`, 'all are answered, by their owners'],
      ]
    } finally {
      for (const drip of drips) drip.on('error', () => undefined).destroy()
      for (const socket of sockets) socket.destroy()
    }
  },
}
