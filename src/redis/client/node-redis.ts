import { LimpetError } from '../../core/errors.ts'
import type { NodeRedisClient, NodeRedisCluster } from './clients.ts'
import type { Connection, ConnectionEvents, Listener, ListenerEvents, RedisDriver } from './connection.ts'

/** The little of node-redis that is used here: its real types differ with every set of modules. */
interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown
}

interface Options {
  emitInvalidate?: boolean | undefined
  readonly socket?: object | undefined
}

interface Client extends Emitter {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly options?: Options | undefined
  sendCommand(command: readonly string[], options?: object): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  duplicate(options?: object): Client
  connect(): Promise<unknown>
  destroy(): void
  unref(): void
}

interface ClusterClient extends Emitter {
  readonly isOpen: boolean
  readonly masters: readonly { readonly client?: Client | undefined }[]
  readonly _options?: { readonly defaults?: object | undefined } | undefined
  duplicate(options?: object): ClusterClient
  connect(): Promise<unknown>
  destroy(): void
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    command: readonly string[],
    options?: object,
  ): Promise<unknown>
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 5000

/**
 * Whatever the client's own commands do: replies as text, and no timer for each command, since every store call has
 * one.
 */
const AS_TEXT = { typeMapping: {}, timeout: undefined }

export function isNodeRedis(client: object): client is NodeRedisClient | NodeRedisCluster {
  return 'sendCommand' in client && 'isOpen' in client
}

export function nodeRedisDriver(client: NodeRedisClient | NodeRedisCluster): RedisDriver {
  if ('slots' in client) return clusterDriver(client as never)
  if (!('isReady' in client) || 'acquire' in client || 'execute' in client) {
    throw new LimpetError(
      'ERR_LIMPET_CLIENT',
      'redisStore takes one client of node-redis, from createClient() or createCluster(): a pool or createSentinel() sends a command again ' +
        'by itself, so that a change could happen twice. With Sentinel, use ioredis: new Redis({ sentinels, name })',
    )
  }
  const template = client as never
  return {
    keyPrefix: '',
    isCluster: false,
    open: (on) => openSingle(template, on),
    listen: (_beside, channel, on) => openListener(template, channel, on),
  }
}

function openSingle(template: Client, on: ConnectionEvents): Connection {
  const own = duplicate(template, true)
  own.on('invalidate', (key: Buffer | string | null) => on.invalidated(key === null ? null : [key.toString()]))
  own.on('ready', on.ready)
  connect(own, on.ended)
  return { send: (_key, command) => own.sendCommand(command, AS_TEXT), end: () => end(own) }
}

function openListener(template: Client, channel: string, on: ListenerEvents): Listener {
  const own = duplicate(template, false)
  own.on('ready', () => {
    own.subscribe(channel, on.message).then(() => on.ready(undefined), on.refused)
  })
  connect(own, on.ended)
  return { ping: () => own.sendCommand(['PING'], AS_TEXT), end: () => end(own) }
}

/**
 * A connection of our own: nothing is kept for later, nobody but us connects again, and it does not move to another
 * server by itself, where nothing would be tracked.
 */
function duplicate(template: Client, emitInvalidate: boolean): Client {
  const { socket } = template.options ?? {}
  const own = template.duplicate({
    RESP: 3,
    emitInvalidate,
    clientSideCache: undefined,
    readonly: false,
    disableOfflineQueue: true,
    pingInterval: undefined,
    maintNotifications: 'disabled',
    socket: { ...socket, connectTimeout: CONNECT_TIMEOUT, socketTimeout: undefined, reconnectStrategy: false },
  })
  // It listens from here on. Its own CLIENT TRACKING, before the connection is ready, would fail the connection where
  // that is not allowed.
  if (own.options) own.options.emitInvalidate = false
  return own
}

function connect(own: Client, ended: (why: unknown) => void): void {
  let over = false
  const finish = (why?: unknown) => {
    if (over) return
    over = true
    end(own)
    ended(why)
  }
  // An `error` is not always the end of the connection.
  own.on('error', (error: unknown) => void (own.isOpen || finish(error)))
  own.on('end', () => finish())
  own.unref()
  own.connect().catch(finish)
}

function end(client: { readonly isOpen: boolean; destroy(): void }): void {
  // Version 5 throws when it is closed already.
  if (client.isOpen) client.destroy()
}

function clusterDriver(template: ClusterClient): RedisDriver {
  const clusters = new WeakMap<Connection, ClusterClient>()
  return {
    keyPrefix: '',
    isCluster: true,
    open(on) {
      const connection = openCluster(template, on, clusters)
      return connection
    },
    listen(beside, channel, on) {
      const nodes = (clusters.get(beside)?.masters ?? []).flatMap((master) => master.client ?? [])
      // Every node hears what is published on any; the one that is tried may be the one that is gone.
      const node = nodes[Math.floor(Math.random() * nodes.length)]
      if (node) return openListener(node, channel, on)
      setImmediate(on.ended)
      return { ping: () => Promise.resolve(), end: () => undefined }
    },
  }
}

function openCluster(
  template: ClusterClient,
  on: ConnectionEvents,
  clusters: WeakMap<Connection, ClusterClient>,
): Connection {
  const own = template.duplicate({
    defaults: { ...template._options?.defaults, disableOfflineQueue: true, maintNotifications: 'disabled' },
  })
  own.on('error', () => undefined)
  for (const event of ['disconnect', 'node-error', 'node-disconnect']) own.on(event, on.lost)
  own.connect().then(on.ready, on.ended)
  const connection: Connection = {
    send: (key, command) => own.sendCommand(key === '' ? undefined : key, false, command, AS_TEXT),
    end: () => end(own),
  }
  clusters.set(connection, own)
  return connection
}
