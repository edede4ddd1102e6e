import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { Link } from './link.ts'

/** Every acknowledged write is on the disk: a restart of this Redis loses nothing. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0']

/** Milliseconds. */
const SYNC_WITHIN = 20_000

/**
 * The Redis of one run: a primary, a replica behind a link of its own (replication is asynchronous, as Redis does it), and one link
 * from each backend to whichever is the primary.
 */
export class RedisPair {
  readonly links: readonly Link[]
  #primary: RedisServer
  #replica: RedisServer
  readonly #replication: Link

  private constructor(primary: RedisServer, replica: RedisServer, replication: Link, links: readonly Link[]) {
    this.#primary = primary
    this.#replica = replica
    this.#replication = replication
    this.links = links
  }

  static async start(backends: number): Promise<RedisPair> {
    const [primary, replica] = await Promise.all([startRedis(DURABLE), startRedis(DURABLE)])
    const replication = await Link.start(primary.port)
    const links = await Promise.all(Array.from({ length: backends }, () => Link.start(primary.port)))
    const pair = new RedisPair(primary, replica, replication, links)
    await pair.#follow()
    return pair
  }

  pause(): void {
    this.#primary.pause()
  }

  resume(): void {
    this.#primary.resume()
  }

  /** kill -9, and back with everything it had acknowledged. */
  async restart(): Promise<void> {
    await this.#primary.restart()
    await this.#synced()
  }

  /**
   * The replica stops hearing for `stall` milliseconds while the primary goes on acknowledging; then the primary dies, clients are led to
   * the replica, and only then is it promoted (until then it answers READONLY).
   */
  async failover(stall: number, readOnly: number): Promise<void> {
    this.#replication.hold()
    await sleep(stall)
    await this.#primary.kill()
    this.#replication.cut()
    for (const link of this.links) {
      link.target = this.#replica.port
      link.cut()
    }
    await sleep(readOnly)
    await command(this.#replica.port, ['REPLICAOF', 'NO', 'ONE'])
    const old = this.#primary
    this.#primary = this.#replica
    this.#replica = old
    await old.restart()
    this.#replication.target = this.#primary.port
    this.#replication.release()
    await this.#follow()
  }

  /** All data gone, as after the restart of a Redis that writes nothing to disk. */
  async wipe(): Promise<void> {
    await command(this.#primary.port, ['FLUSHALL'])
    for (const link of this.links) link.cut()
  }

  /** The primary refuses writes for a while, in one of the ways that Redis has, and answers reads. */
  async readOnly(how: ReadOnlyBy, milliseconds: number): Promise<void> {
    const { port } = this.#primary
    const [on, off] = readOnlyBy(how, milliseconds)
    await command(port, on)
    await sleep(milliseconds)
    if (off) await command(port, off)
    await this.#synced()
  }

  /** Redis throws keys out until it has room for `share` of its data, and goes on as before after a while. */
  async evict(share: number, milliseconds: number): Promise<void> {
    const { port } = this.#primary
    const memory = await command(port, ['INFO', 'memory'])
    const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0)
    const data = figure('used_memory_dataset')
    await command(port, ['CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru'])
    const room = Math.max(1, Math.round(figure('used_memory') - data * (1 - share)))
    await command(port, ['CONFIG', 'SET', 'maxmemory', String(room)])
    await sleep(milliseconds)
    await command(port, ['CONFIG', 'SET', 'maxmemory', '0'])
    await command(port, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'])
  }

  /** The replica hears nothing, and catches up later. */
  async lag(milliseconds: number): Promise<void> {
    this.#replication.hold()
    await sleep(milliseconds)
    this.#replication.release()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.links, this.#replication].map((link) => link.stop()))
    await Promise.all([this.#primary.stop(), this.#replica.stop()])
  }

  async #follow(): Promise<void> {
    await command(this.#replica.port, ['REPLICAOF', '127.0.0.1', String(this.#replication.port)])
    await this.#synced()
  }

  async #synced(): Promise<void> {
    const giveUp = performance.now() + SYNC_WITHIN
    while (!(await command(this.#replica.port, ['INFO', 'replication'])).includes('master_link_status:up')) {
      if (performance.now() > giveUp) throw new Error(`the replica did not catch up within ${SYNC_WITHIN} ms`)
      await sleep(50)
    }
  }
}

export const readOnlyBys = ['replica', 'min-replicas', 'pause'] as const
export type ReadOnlyBy = (typeof readOnlyBys)[number]

type Command = readonly string[]

/** The command that begins it, and the one that ends it. */
function readOnlyBy(how: ReadOnlyBy, milliseconds: number): readonly [on: Command, off?: Command] {
  switch (how) {
    case 'replica':
      // Of a primary that is not there: it keeps its data, answers reads from it, and says READONLY.
      return [
        ['REPLICAOF', '127.0.0.1', '1'],
        ['REPLICAOF', 'NO', 'ONE'],
      ]
    case 'min-replicas':
      return [
        ['CONFIG', 'SET', 'min-replicas-to-write', '5'],
        ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
      ]
    case 'pause':
      return [['CLIENT', 'PAUSE', String(milliseconds), 'WRITE']]
  }
}

async function command(port: number, [name = '', ...args]: readonly string[]): Promise<string> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  try {
    return String(await client.call(name, ...args))
  } finally {
    client.disconnect()
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
