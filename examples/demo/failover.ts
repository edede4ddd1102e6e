import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { RedisStore } from 'connect-redis'
import { Redis } from 'ioredis'
import { redisStore } from 'limpet/redis'
import { startBalancer } from '../balancer/balancer.ts'
import { Client, cartOf } from './client.ts'
import { type Keeper, withExpressSession, withSticky } from './keepers.ts'
import { type Lane, serve } from './lanes.ts'
import { urlOf } from './prices.ts'
import { failed, type Result, type Trial } from './trials.ts'

/** Whether this machine can play it: it starts a Redis and its replica, and ends the Redis. */
export function canFailOver(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')))
}

export const failover: Trial = {
  id: 'failover',
  title: 'Redis fails over',
  why: 'Its replica takes over without the last write, which was answered with 200. Who tells the application?',
  expects: { alone: 'kept', shared: 'lost', sticky: 'kept' },
  run: (lane) => (lane.id === 'alone' ? Promise.resolve({ verdict: 'kept', text: 'no Redis' }) : failOver(lane)),
}

const secret = 'a secret for one play, which ends with it'

async function failOver(lane: Lane): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'limpet-demo-'))
  const ends: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const primary = await startServer(folder)
    ends.push(primary.end)
    const replica = await startServer(folder, ['--replicaof', '127.0.0.1', primary.port])
    ends.push(replica.end)
    // What Sentinel or a provider's endpoint does: one address, and behind it the server that counts.
    const at = ({ port }: Server) => [`http://127.0.0.1:${port}`]
    const endpoint = await startBalancer({ backends: at(primary), listener: 'tcp', persistence: false })
    ends.push(endpoint.close)
    const client = new Redis(endpoint.port)
    client.on('error', () => undefined)
    ends.push(() => client.disconnect())
    const backend = await serve('b1', keeperOf(lane, client), lane.prices.url)
    ends.push(backend.close)

    const visitor = new Client(backend.url)
    await visitor.ask('POST', '/cart')
    await copied(primary, replica)
    await replica.client.replicaof('NO', 'ONE')
    const answer = await visitor.ask('POST', '/cart')
    if (answer.status !== 200) return failed
    endpoint.setBackends(at(replica))
    await primary.end()
    return await look(visitor)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

function keeperOf(lane: Lane, client: Redis): Keeper {
  if (lane.id === 'sticky') return withSticky({ secret, store: redisStore(client), onEvent: () => undefined })
  return withExpressSession(secret, new RedisStore({ client }))
}

/** Asks until the new server answers: the connection to it takes a moment. */
async function look(visitor: Client): Promise<Result> {
  for (let tried = 0; tried < 100; tried++) {
    const answer = await visitor.ask('GET', '/cart')
    if (cartOf(answer)?.length === 1) {
      const told = typeof answer.body === 'object' && Reflect.get(answer.body ?? {}, 'behind') === true
      return told ? { verdict: 'kept', text: 'says behind' } : { verdict: 'lost', text: 'says nothing' }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return failed
}

interface Server {
  readonly port: string
  readonly client: Redis
  end(): Promise<void>
}

/** A redis-server of our own, on a free port of the loopback. It leaves nothing behind. */
async function startServer(folder: string, more: readonly string[] = []): Promise<Server> {
  const port = await freePort()
  const still = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0', '--dir', folder]
  const args = ['--port', port, '--bind', '127.0.0.1', ...still, '--dbfilename', `${port}.rdb`, ...more]
  const child: ChildProcess = spawn('redis-server', args, { stdio: 'ignore' })
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const client = new Redis(Number(port), { retryStrategy: () => 50, maxRetriesPerRequest: 200 })
  client.on('error', () => undefined)
  const end = async () => {
    client.disconnect()
    child.kill('SIGKILL')
    await gone
  }
  try {
    await client.ping()
  } catch (error) {
    await end()
    throw error
  }
  return { port, client, end }
}

/** Waits until the replica has what the primary has. */
async function copied(primary: Server, replica: Server): Promise<void> {
  for (let tried = 0; tried < 200; tried++) {
    await primary.client.set('mark', tried)
    if ((await primary.client.wait(1, 100)) === 1 && (await replica.client.get('mark')) === String(tried)) return
  }
  throw new Error('the replica did not follow its Redis')
}

async function freePort(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = new URL(urlOf(probe.address()))
  await new Promise((resolve) => probe.close(resolve))
  return port
}
