import { expect, test } from 'vitest'
import { Patience } from '../../src/deadline/patience.ts'
import type { ConnectionEvents, RedisDriver } from '../../src/redis/client/connection.ts'
import { Fence } from '../../src/redis/fence.ts'
import { Link } from '../../src/redis/link.ts'
import { script } from '../../src/redis/scripts.ts'
import { RedisServers } from '../../src/redis/servers.ts'

// What no redis-server can be brought to do on one machine.

const WRITE = script('write')

interface Setup {
  readonly isCluster?: boolean
  readonly replicas?: number
}

/** `lose`: a node of a cluster is gone, and the client sends again what was under way. */
function fenceWith(
  { isCluster = false, replicas = 0 }: Setup,
  send: (command: readonly string[]) => readonly unknown[] | number,
) {
  let events: ConnectionEvents | undefined
  const driver: RedisDriver = {
    keyPrefix: '',
    isCluster,
    open(on) {
      events = on
      setImmediate(on.ready)
      return { send: async (_key, command) => send(command), end: () => undefined }
    },
    listen: () => ({ ping: async () => undefined, end: () => undefined }),
  }
  const link = new Link(driver)
  const fence = new Fence(link, new RedisServers(link, isCluster, '{00}'), { replicas, channel: '', writer: '' })
  const run = async (key: string, within: number) => {
    const patience = new Patience(within)
    try {
      await link.ready(patience)
      return await fence.run('write', WRITE, [key], [], patience)
    } finally {
      patience.end()
    }
  }
  return { run, lose: () => events?.lost() }
}

function timeReply(now: number): readonly unknown[] {
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
}

test('in a cluster, each node is asked for its own time, and keeps to it', async () => {
  const asked: string[] = []
  // Two nodes: the clock of the first is an hour ahead.
  const { run } = fenceWith({ isCluster: true }, ([, sha, , key = '', deadline]) => {
    const now = Date.now() + (key.includes('{aa}') ? 3_600_000 : 0)
    if (sha === WRITE.sha) return now > Number(deadline) ? ['late', now] : ['written', 1, 0]
    asked.push(key)
    return timeReply(now)
  })
  for (const key of ['limpet:{aa}1', 'limpet:{bb}1', 'limpet:{aa}2', 'limpet:{bb}2'] as const) {
    await expect(run(key, 5000)).resolves.toEqual(['written', 1, 0])
  }
  expect(asked).toEqual(['limpet:{aa}', 'limpet:{bb}'])
})

test('replicas of another server, which took over meanwhile, do not count', async () => {
  let failsOver = false
  const { run, lose } = fenceWith({ replicas: 1 }, ([name]) => {
    if (name === 'TIME') return timeReply(Date.now())
    if (name === 'EVALSHA') return ['written', 1, 0]
    if (failsOver) lose()
    return 1
  })
  await expect(run('a', 500)).resolves.toEqual(['written', 1, 0])
  failsOver = true
  await expect(run('a', 500)).rejects.toMatchObject({ applied: 'unknown' })
})

test.each(['NOPERM this user has no permissions', 'The client is closed', 'anything else'])(
  'the write was done, so whatever becomes of WAIT, nobody says that it was not: %s',
  async (message) => {
    const { run } = fenceWith({ replicas: 1 }, ([name]) => {
      if (name === 'TIME') return timeReply(Date.now())
      if (name === 'EVALSHA') return ['moved', 1, 0]
      if (name === 'WAIT') throw new Error(message)
      return []
    })
    await expect(run('a', 500)).rejects.toMatchObject({ applied: 'unknown' })
  },
)

test('a refusal that answers a write which was sent twice says nothing about the first time', async () => {
  let breaks = false
  const { run, lose } = fenceWith({ isCluster: true }, ([name, sha]) => {
    if (name === 'EVALSHA' && sha !== WRITE.sha) return timeReply(Date.now())
    if (breaks) lose()
    throw new Error("READONLY You can't write against a read only replica.")
  })
  await expect(run('{aa}', 300)).rejects.toMatchObject({ applied: false })
  breaks = true
  await expect(run('{aa}', 300)).rejects.toMatchObject({ applied: 'unknown' })
})
