import { Redis } from 'ioredis'
import { freePort, type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

export interface ClusterNode {
  readonly server: RedisServer
  /** A connection to this one node. */
  readonly redis: Redis
}

export interface RedisCluster {
  readonly masters: readonly ClusterNode[]
  /** One for each master, in the same order. */
  readonly replicas: readonly ClusterNode[]
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  stop(): Promise<void>
}

const MASTERS = 3
const SLOTS = 16_384
/** Milliseconds after which a node that does not answer is taken for dead. */
const NODE_TIMEOUT = 1000

/** Three masters with a replica each: six redis-server processes, made into a cluster by hand. */
export async function startCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * MASTERS }, startNode))
  const masters = nodes.slice(0, MASTERS)
  const replicas = nodes.slice(MASTERS)
  await Promise.all(
    masters.map(async ({ redis }, n) => {
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1))
      const first = Math.ceil((n * SLOTS) / MASTERS)
      const last = Math.ceil(((n + 1) * SLOTS) / MASTERS) - 1
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last))
    }),
  )
  const [seed] = nodes
  for (const { server, bus } of nodes.slice(1)) {
    await seed?.redis.call('CLUSTER', 'MEET', '127.0.0.1', String(server.port), String(bus))
  }
  const all = (fact: (node: Node) => Promise<boolean>) => async () =>
    (await Promise.all(nodes.map(fact))).every(Boolean)
  await until(
    all(async ({ redis }) => (await info(redis)).includes(`cluster_known_nodes:${nodes.length}`)),
    'all have met',
  )
  await Promise.all(
    replicas.map(async ({ redis }, n) => {
      const id = String(await masters[n]?.redis.call('CLUSTER', 'MYID'))
      await until(async () => (await redis.call('CLUSTER', 'REPLICATE', id)) === 'OK', 'it follows its master')
    }),
  )
  await until(
    all(async ({ redis }) => (await info(redis)).includes('cluster_state:ok')),
    'the cluster is ok',
  )
  const follows = async ({ redis }: Node) => (await redis.info('replication')).includes('master_link_status:up')
  await until(async () => (await Promise.all(replicas.map(follows))).every(Boolean), 'the replicas follow')
  return {
    masters,
    replicas,
    addresses: nodes.map(({ server }) => ({ host: '127.0.0.1', port: server.port })),
    async stop() {
      for (const { redis } of nodes) redis.disconnect()
      await Promise.all(nodes.map(({ server }) => server.stop()))
    },
  }
}

interface Node extends ClusterNode {
  readonly bus: number
}

async function startNode(): Promise<Node> {
  // By default the bus is 10,000 ports above, and that may be none.
  const bus = await freePort()
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-config-file', 'nodes.conf']
  const quick = ['--cluster-node-timeout', String(NODE_TIMEOUT), '--cluster-replica-validity-factor', '0']
  const server = await startRedis([...cluster, ...quick, '--repl-diskless-sync-delay', '0'])
  const redis = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
  return { server, redis, bus }
}

async function info(redis: Redis): Promise<string> {
  return String(await redis.call('CLUSTER', 'INFO'))
}
