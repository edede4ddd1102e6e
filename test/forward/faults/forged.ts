import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import type { Fault } from './fault.ts'

const COUNT = 10_000

export const forged: Fault = {
  title: `${COUNT.toLocaleString('en')} forged ids, and as many forged hops`,
  how: 'Two backends; one client sends ids of the right shape in a carrier, another one hop headers of the right shape, without our secret.',
  async run(stage) {
    const [target, other] = await stage.start(['forged1', 'forged2'])
    const redis = new Redis(stage.redisUrl)
    const before = await calls(redis)
    const letters = (bytes: number) => randomBytes(bytes).toString('base64url')
    const ids = await flood(target.port, () => ({ path: `/who?sid=${letters(48).slice(0, 59)}` }))
    const hop = () =>
      `1.${letters(6)}.${Date.now().toString(36)}.${letters(9)}.0.80.10.0.0.1.${letters(24).slice(0, 26)}`
    const hops = await flood(target.port, () => ({ path: '/who', headers: { 'limpet-hop': hop() } }))
    const asked = (await calls(redis)) - before
    redis.disconnect()
    expect(ids).toEqual(new Map([[`200 ${target.id}`, COUNT]]))
    expect(hops).toEqual(ids)
    // What heartbeats of all who use this Redis meanwhile cause is no more than that.
    expect(asked).toBeLessThan(COUNT / 5)
    const told = target.events.filter(({ type }) => type === 'hop-rejected').length
    expect(told).toBe(COUNT)
    expect([target, other].flatMap(({ events }) => events.filter(({ type }) => type === 'forward'))).toEqual([])
    return [
      ['`GET` with a forged id', '200, from the backend where it landed, as without one'],
      ['`GET` with a forged hop header', '200, from the backend where it landed; the application sees no such header'],
      ['what they cause', 'no command in Redis and no request to a peer; each hop is told as the event `hop-rejected`'],
    ]
  },
}

/** Answers, counted. */
async function flood(
  port: number,
  next: () => { readonly path: string; readonly headers?: Record<string, string> },
): Promise<Map<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const seen = new Map<string, number>()
  let left = COUNT
  const client = async () => {
    while (left-- > 0) {
      const answer = await get(agent, port, next())
      seen.set(answer, (seen.get(answer) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 20 }, client))
  agent.destroy()
  return seen
}

function get(agent: Agent, port: number, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', agent, ...options }, (res) => {
      let text = ''
      res.on('data', (chunk) => {
        text += chunk
      })
      res.on('end', () => resolve(`${res.statusCode} ${text}`))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end()
  })
}

/** Commands that this Redis has carried out, those inside of scripts left out. */
async function calls(redis: Redis): Promise<number> {
  const stats = await redis.info('stats')
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1])
}
