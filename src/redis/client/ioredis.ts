import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { IoredisClient } from './clients.ts'
import type { Connection, ConnectionEvents, Listener, ListenerEvents, RedisDriver } from './connection.ts'

const INVALIDATIONS = '__redis__:invalidate'

/** Milliseconds. */
const CONNECT_TIMEOUT = 5000

/**
 * How connections of our own differ from the one that was handed in: nothing is kept for later, nothing is sent twice,
 * and nobody but us connects again. RESP2, because ioredis drops the invalidation pushes of RESP3.
 */
const OWN: RedisOptions = {
  protocol: 2,
  replyMapping: 'legacy',
  stringNumbers: false,
  readOnly: false,
  monitor: false,
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: null,
  connectTimeout: CONNECT_TIMEOUT,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  ...({ commandTimeout: undefined, socketTimeout: undefined } as object),
}

export function isIoredis(client: object): client is IoredisClient {
  return 'status' in client && 'call' in client && 'duplicate' in client
}

export function ioredisDriver(handedIn: IoredisClient): RedisDriver {
  const client = handedIn as unknown as Redis | Cluster
  const { isCluster } = client
  return {
    keyPrefix: client.options.keyPrefix ?? '',
    isCluster,
    open: (on) => (isCluster ? openCluster(client as Cluster, on) : openSingle(client as Redis, on)),
    listen: (beside, channel, on) => {
      const node = isCluster ? anyMaster(beside) : (client as Redis)
      if (node) return openListener(node, channel, on, !isCluster)
      setImmediate(on.ended)
      return { ping: () => Promise.resolve(), end: () => undefined }
    },
  }
}

function openSingle(template: Redis, on: ConnectionEvents): Connection {
  const own = template.duplicate(OWN)
  connect(own, on.ended)
  own.on('ready', on.ready)
  return { send: sender(own), end: () => disconnect(own) }
}

const clusters = new WeakMap<Connection, Cluster>()

/** A node that leaves a cluster takes its commands with it; ioredis sends them again, to whoever has the slot then. */
function openCluster(template: Cluster, on: ConnectionEvents): Connection {
  const own = template.duplicate([], {
    enableOfflineQueue: false,
    lazyConnect: true,
    clusterRetryStrategy: () => null,
    redisOptions: { connectTimeout: CONNECT_TIMEOUT, protocol: 2, replyMapping: 'legacy' },
  })
  let why: unknown
  own.on('error', (error) => {
    why = error
  })
  own.on('+node', unrefAlways)
  own.on('ready', on.ready)
  own.on('-node', on.lost)
  own.on('close', on.lost)
  own.on('end', () => on.ended(why))
  own.connect().catch(() => undefined)
  const connection = { send: sender(own), end: () => own.disconnect() }
  clusters.set(connection, own)
  return connection
}

function anyMaster(connection: Connection): Redis | undefined {
  const masters = clusters.get(connection)?.nodes('master') ?? []
  // Every node hears what is published on any; the one that is tried may be the one that is gone.
  return masters[Math.floor(Math.random() * masters.length)]
}

/** `tracks`: to itself, what Redis tells of keys; in RESP2 it comes as messages of a channel. */
function openListener(template: Redis, channel: string, on: ListenerEvents, tracks: boolean): Listener {
  const own = template.duplicate({ ...OWN, keyPrefix: '', enableAutoPipelining: false, enableOfflineQueue: true })
  const subscribe = async () => {
    const id = tracks ? String(await own.call('CLIENT', 'ID')) : undefined
    await own.subscribe(channel, ...(tracks ? [INVALIDATIONS] : []))
    on.ready(id)
  }
  own.on('ready', () => void subscribe().catch(on.refused))
  own.on('messageBuffer', (from: Buffer, message: Buffer | readonly Buffer[] | null) => {
    if (from.toString() !== INVALIDATIONS) on.message(String(message))
    else on.invalidated(Array.isArray(message) ? message.map(String) : null)
  })
  connect(own, on.ended)
  return { ping: () => own.ping(), end: () => disconnect(own) }
}

function connect(own: Redis, ended: (why: unknown) => void): void {
  let why: unknown
  own.on('error', (error: Error & { command?: { name: string } }) => {
    // ioredis says this of its own check of a connection that is being given up: not why.
    if (!(why && /enableOfflineQueue/.test(error.message))) why = error
    // It would go on in database 0, among somebody else's keys.
    if (error.command?.name === 'select') own.disconnect()
  })
  own.on('end', () => ended(why))
  unrefAlways(own)
  own.connect().catch(() => undefined)
}

/** At once: a peer that has vanished would never take leave. */
function disconnect(own: Redis): void {
  own.disconnect()
  streamOf(own)?.destroy?.()
}

/** An idle connection is no reason for the process to live on; whoever waits for an answer has a timer that is. */
function unrefAlways(client: Redis): void {
  client.on('connect', () => streamOf(client)?.unref?.())
}

function streamOf(client: Redis): { unref?(): void; destroy?(): void } | undefined {
  return (client as unknown as { stream?: { unref?(): void; destroy?(): void } }).stream
}

function sender(client: Redis | Cluster): Connection['send'] {
  return (_key, [name = '', ...args]) => client.call(name, args)
}
