import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { IoredisClient } from './clients.ts'
import type { ChangeListener, RedisConnection, Subject } from './connection.ts'
import { isRefusal } from './errors.ts'

const INVALIDATIONS = '__redis__:invalidate'

export function isIoredis(client: object): client is IoredisClient {
  return 'status' in client && 'call' in client && 'duplicate' in client
}

export function ioredisConnection(handedIn: IoredisClient): RedisConnection {
  const client = handedIn as unknown as Redis | Cluster
  const cluster = client.isCluster ? (client as Cluster) : undefined
  const single = client as Redis
  let next = 0
  return {
    keyPrefix: client.options.keyPrefix ?? '',
    isCluster: client.isCluster,
    // Without it, ioredis forgets the commands of a broken connection: their promises stay open.
    settles: cluster !== undefined || single.options.autoResendUnfulfilledCommands !== false,
    isReady: () => client.status === 'ready',
    send: (_key, [name = '', ...args]) => client.call(name, args),
    wake() {
      if (client.status === 'wait') client.connect().catch(() => undefined)
    },
    // A node that leaves a cluster takes its commands with it; ioredis sends them again, to whoever has the slot then.
    observe: ({ ready, lost }) => listenTo(client, { ready, close: lost, ...(cluster && { '-node': lost }) }),
    listen(subject, listener) {
      // Every node of a cluster hears what is published; another one is tried each time.
      const masters = cluster?.nodes('master')
      const node = masters ? masters[next++ % masters.length] : single
      return openListener(node ?? single, subject, listener, !cluster)
    },
    complaint: cluster ? clusterComplaint(cluster) : complaint(single),
  }
}

/** RESP2, because ioredis drops the invalidation pushes of RESP3. */
const SECOND: Partial<RedisOptions> = {
  protocol: 2,
  replyMapping: 'legacy',
  keyPrefix: '',
  readOnly: false,
  enableOfflineQueue: true,
  enableAutoPipelining: false,
  maxRetriesPerRequest: null,
  retryStrategy: () => null,
  lazyConnect: false,
}

function openListener(
  client: Redis,
  { channel, prefix }: Subject,
  listener: ChangeListener,
  tracks: boolean,
): () => void {
  const second = client.duplicate(SECOND)
  // Its troubles are told through lost(); the data connection's own errors reach the application.
  second.on('error', () => undefined)
  second.on('ready', () => {
    const subscribe = async () => {
      if (tracks) {
        // To itself: in RESP2, invalidations come as messages of a channel.
        const id = String(await second.call('CLIENT', 'ID'))
        await second.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix)
      }
      await second.subscribe(channel, ...(tracks ? [INVALIDATIONS] : []))
      listener.ready(tracks)
    }
    subscribe().catch((error) => (isRefusal(error) ? listener.refused(error.message) : second.disconnect()))
  })
  second.on('end', () => listener.lost())
  second.on('messageBuffer', (from: Buffer, message: Buffer | readonly Buffer[] | null) => {
    if (from.toString() !== INVALIDATIONS) listener.message(String(message))
    else listener.changed(Array.isArray(message) ? message.map(String) : null)
  })
  return () => second.disconnect()
}

function listenTo(client: Redis | Cluster, listeners: Readonly<Record<string, () => void>>): () => void {
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}

/** A cluster has a queue of its own; what its nodes have does not matter. */
function clusterComplaint({ options }: Cluster): string | undefined {
  if (options.enableOfflineQueue === false) return undefined
  return (
    'this ioredis cluster keeps commands while it has no node, and sends them later, long after their requests have ended ' +
    "(limpet's own writes are then refused as too late): create it with new Cluster(nodes, { enableOfflineQueue: false })"
  )
}

function complaint(client: Redis): string | undefined {
  const { enableOfflineQueue, autoResendUnfulfilledCommands } = client.options
  const repairs = [
    ...(enableOfflineQueue === false ? [] : ['enableOfflineQueue: false']),
    ...(autoResendUnfulfilledCommands === false ? [] : ['autoResendUnfulfilledCommands: false']),
  ]
  if (repairs.length === 0) return undefined
  return (
    'this ioredis client keeps commands during an outage and sends them later, long after their requests have ended ' +
    `(limpet's own writes are then refused as too late): create it with new Redis(url, { ${repairs.join(', ')} })`
  )
}
