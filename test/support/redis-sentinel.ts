import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

export interface SentinelSetup {
  /** What a client is told. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  readonly name: string
  readonly servers: readonly RedisServer[]
  /** The server that the sentinels call the master now. */
  master(): Promise<RedisServer>
  /** Asks for a failover, as an administrator would. */
  failover(): Promise<void>
  stop(): Promise<void>
}

const NAME = 'limpet'
const SENTINELS = 3
/** Milliseconds after which a master that does not answer is taken for dead. */
const DOWN_AFTER = 700

/** One master, two replicas, three sentinels. */
export async function startSentinels(): Promise<SentinelSetup> {
  const servers = await Promise.all(Array.from({ length: 3 }, () => startRedis(['--repl-diskless-sync-delay', '0'])))
  const [first, ...others] = servers
  if (!first) throw new Error('unreachable')
  await Promise.all(others.map((server) => follow(server, first.port)))
  const dir = mkdtempSync(join(tmpdir(), 'limpet-sentinel-'))
  const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => startSentinel(dir, first.port)))
  const asked = sentinels.map(({ port }) => new Redis(port, '127.0.0.1', { retryStrategy: () => 50 }))
  for (const sentinel of asked) sentinel.on('error', () => undefined)
  const knows = async (sentinel: Redis) => {
    const state = String(await sentinel.info('sentinel'))
    return state.includes('slaves=2') && state.includes(`sentinels=${SENTINELS}`)
  }
  await until(async () => (await Promise.all(asked.map(knows))).every(Boolean), 'the sentinels know each other')
  const [one] = asked
  return {
    name: NAME,
    sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    servers,
    async master() {
      const address = (await one?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)) as string[]
      const found = servers.find(({ port }) => String(port) === address[1])
      if (!found) throw new Error(`the sentinels speak of an unknown master: ${address}`)
      return found
    },
    async failover() {
      await one?.call('SENTINEL', 'FAILOVER', NAME)
    },
    async stop() {
      for (const sentinel of asked) sentinel.disconnect()
      await Promise.all(sentinels.map(({ child }) => end(child)))
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function follow(server: RedisServer, port: number): Promise<void> {
  const redis = new Redis(server.url)
  await redis.replicaof('127.0.0.1', port)
  await until(async () => (await redis.info('replication')).includes('master_link_status:up'), 'a replica follows')
  redis.disconnect()
}

async function startSentinel(dir: string, master: number): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort()
  const file = join(dir, `${port}.conf`)
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${master} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER}`,
    `sentinel failover-timeout ${NAME} 3000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  return { port, child }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
