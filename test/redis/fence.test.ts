import { expect, test } from 'vitest'
import type { ConnectionObserver, RedisConnection } from '../../src/redis/connection.ts'
import { Fence } from '../../src/redis/fence.ts'
import { Link } from '../../src/redis/link.ts'
import { script } from '../../src/redis/scripts.ts'

// What no redis-server can be brought to do on one machine.

const WRITE = script('write')
const within = (milliseconds: number) => performance.now() + milliseconds

function connectionWith(
  isCluster: boolean,
  send: (command: readonly string[]) => readonly unknown[] | number,
): { connection: RedisConnection; lose: () => void } {
  let observer: ConnectionObserver | undefined
  const connection: RedisConnection = {
    keyPrefix: '',
    isCluster,
    settles: true,
    complaint: undefined,
    isReady: () => true,
    wake: () => undefined,
    listen: () => () => undefined,
    observe(given) {
      observer = given
      return () => undefined
    },
    send: async (_key, command) => send(command),
  }
  return { connection, lose: () => observer?.lost() }
}

function timeReply(now: number): readonly unknown[] {
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
}

test('in a cluster, each node is asked for its own time, and keeps to it', async () => {
  const asked: string[] = []
  // Two nodes: the clock of the first is an hour ahead.
  const { connection } = connectionWith(true, ([, sha, , key = '', deadline]) => {
    const now = Date.now() + (key.includes('{aa}') ? 3_600_000 : 0)
    if (sha === WRITE.sha) return now > Number(deadline) ? ['late', now] : ['written', 1, 0]
    asked.push(key)
    return timeReply(now)
  })
  const fence = new Fence(new Link(connection), { isCluster: true, replicas: 0, channel: '', writer: '' })

  for (const key of ['limpet:{aa}1', 'limpet:{bb}1', 'limpet:{aa}2', 'limpet:{bb}2'] as const) {
    await expect(fence.run('write', WRITE, [key], [], within(5000))).resolves.toEqual(['written', 1, 0])
  }
  expect(asked).toEqual(['limpet:{aa}', 'limpet:{bb}'])
})

test('replicas of another server, which took over meanwhile, do not count', async () => {
  let failsOver = false
  const { connection, lose } = connectionWith(false, ([name]) => {
    if (name === 'TIME') return timeReply(Date.now())
    if (name === 'EVALSHA') return ['written', 1, 0]
    if (failsOver) lose()
    return 1
  })
  const fence = new Fence(new Link(connection), { isCluster: false, replicas: 1, channel: '', writer: '' })
  await expect(fence.run('write', WRITE, ['a'], [], within(500))).resolves.toEqual(['written', 1, 0])
  failsOver = true
  await expect(fence.run('write', WRITE, ['a'], [], within(500))).rejects.toMatchObject({ applied: 'unknown' })
})

test('a refusal that answers a write which was sent twice says nothing about the first time', async () => {
  let breaks = false
  const { connection, lose } = connectionWith(false, ([name]) => {
    if (name === 'TIME') return timeReply(Date.now())
    if (breaks) lose()
    throw new Error("READONLY You can't write against a read only replica.")
  })
  const fence = new Fence(new Link(connection), { isCluster: false, replicas: 0, channel: '', writer: '' })
  await expect(fence.run('write', WRITE, ['a'], [], within(300))).rejects.toMatchObject({ applied: false })
  breaks = true
  await expect(fence.run('write', WRITE, ['a'], [], within(300))).rejects.toMatchObject({ applied: 'unknown' })
})
