import { LimpetError } from '../core/errors.ts'
import type { NodeRedisClient, NodeRedisCluster } from './clients.ts'
import type { ChangeListener, RedisConnection, Subject } from './connection.ts'
import { isRefusal } from './errors.ts'

type Listener = (...args: never[]) => void

/** The little of node-redis that is used here: its real types differ with every set of modules. */
interface Emitter {
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
}

interface Client extends Emitter {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly options?:
    | { readonly disableOfflineQueue?: boolean | undefined; readonly socket?: object | undefined }
    | undefined
  sendCommand(command: readonly string[], options?: object): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  duplicate(options?: object): Client
  connect(): Promise<unknown>
  destroy(): void
}

interface ClusterClient extends Emitter {
  readonly isOpen: boolean
  readonly isReady?: boolean
  readonly masters: readonly { readonly client?: Client | undefined }[]
  connect(): Promise<unknown>
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    command: readonly string[],
    options?: object,
  ): Promise<unknown>
}

/** Whatever the client's own commands do: replies as text, and no timer for each command, since every store call has one. */
const AS_TEXT = { typeMapping: {}, timeout: undefined }

export function isNodeRedis(client: object): client is NodeRedisClient | NodeRedisCluster {
  return 'sendCommand' in client && 'isOpen' in client
}

export function nodeRedisConnection(client: NodeRedisClient | NodeRedisCluster): RedisConnection {
  if ('slots' in client) return clusterConnection(client as never)
  if (!('isReady' in client) || 'acquire' in client || 'execute' in client) {
    throw new LimpetError(
      'ERR_LIMPET_CLIENT',
      'redisStore takes one client of node-redis, from createClient() or createCluster(): a pool or createSentinel() sends a command again ' +
        'by itself, so that a change could happen twice. With Sentinel, use ioredis: new Redis({ sentinels, name })',
    )
  }
  return singleConnection(client as never)
}

function singleConnection(client: Client): RedisConnection {
  return {
    keyPrefix: '',
    isCluster: false,
    settles: true,
    isReady: () => client.isReady,
    send: (_key, command) => client.sendCommand(command, AS_TEXT),
    wake() {
      if (!client.isOpen) client.connect().catch(() => undefined)
    },
    observe({ ready, lost }) {
      // An `error` is not always the end of the connection.
      const check = () => {
        if (!client.isReady) lost()
      }
      return listenTo(client, { ready, error: check, reconnecting: check, end: check })
    },
    listen: (subject, listener) => openListener(client, subject, listener, true),
    complaint: client.options?.disableOfflineQueue
      ? undefined
      : 'this node-redis client keeps commands during an outage and sends them later, long after their requests have ended ' +
        "(limpet's own writes are then refused as too late): create it with createClient({ url, disableOfflineQueue: true })",
  }
}

function clusterConnection(client: ClusterClient): RedisConnection {
  let next = 0
  return {
    keyPrefix: '',
    isCluster: true,
    settles: true,
    isReady: () => client.isReady ?? client.isOpen,
    send: (key, command) => client.sendCommand(key === '' ? undefined : key, false, command, AS_TEXT),
    wake() {
      if (!client.isOpen) client.connect().catch(() => undefined)
    },
    observe: ({ ready, lost }) =>
      listenTo(client, { connect: ready, disconnect: lost, 'node-error': lost, 'node-disconnect': lost }),
    listen(subject, listener) {
      // Every node hears what is published; another one is tried each time.
      const nodes = client.masters.flatMap((master) => master.client ?? [])
      const node = nodes[next++ % nodes.length]
      if (node) return openListener(node, subject, listener, false)
      setImmediate(listener.lost)
      return () => undefined
    },
    complaint: undefined,
  }
}

/** RESP3, where invalidations are pushes that node-redis emits as events. */
function openListener(
  client: Client,
  { channel, prefix }: Subject,
  listener: ChangeListener,
  tracks: boolean,
): () => void {
  const second = client.duplicate({
    RESP: 3,
    clientSideCache: undefined,
    emitInvalidate: tracks,
    readonly: false,
    disableOfflineQueue: false,
    socket: { ...client.options?.socket, reconnectStrategy: false },
  })
  const failed = (error: unknown) => (isRefusal(error) ? listener.refused(error.message) : listener.lost())
  const subscribe = async () => {
    await second.connect()
    await second.subscribe(channel, (text) => listener.message(text))
    if (tracks) {
      // `emitInvalidate` has asked for another kind of tracking.
      await second.sendCommand(['CLIENT', 'TRACKING', 'OFF'])
      await second.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', prefix])
    }
    listener.ready(tracks)
  }
  second.on('error', failed)
  second.on('end', () => listener.lost())
  second.on('invalidate', (key: Buffer | string | null) => listener.changed(key === null ? null : [key.toString()]))
  subscribe().catch(failed)
  return () => {
    // Version 5 throws when it is closed already.
    if (second.isOpen) second.destroy()
  }
}

function listenTo(client: Emitter, listeners: Readonly<Record<string, () => void>>): () => void {
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}
