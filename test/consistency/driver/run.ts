import { check } from '../checker/check.ts'
import type { Report } from '../checker/verdict.ts'
import type { History } from '../history.ts'
import { Balancer } from './balancer.ts'
import { Browser } from './browser.ts'
import { Client } from './client.ts'
import type { Scene } from './faults/plan.ts'
import { Fleet, isLimpet, type Target } from './fleet.ts'
import { type FaultName, torment } from './nemesis.ts'
import { ask, healthy } from './probe.ts'
import { Random } from './random.ts'
import { Recorder } from './recorder.ts'
import { RedisPair } from './redis-pair.ts'
import { Tabs } from './tabs.ts'
import { type StoryName, Visitor } from './visitor.ts'

export const breaks = [
  'version',
  'cas',
  'claim',
  'tombstone',
  'absence',
  'successors',
  'snapshot',
  'fork',
  'latecomers',
  'ends',
  'clock',
] as const
export type Break = (typeof breaks)[number]

export interface RunOptions {
  readonly target: Target
  readonly seconds: number
  readonly seed: number
  readonly faults: readonly FaultName[]
  readonly broken?: Break | undefined
  readonly clients?: number
  /** Browsers that play stories, and which. */
  readonly visitors?: number
  readonly stories?: readonly StoryName[] | undefined
  /** Browsers that open pages in tabs. */
  readonly tabs?: number
  /** Milliseconds that limpet's backends may take to hear of what no cookie can tell them. */
  readonly grace?: number
}

export interface RunResult {
  readonly target: Target
  readonly history: History
  readonly report: Report
}

const BACKENDS = 3
const CLIENTS = 16
const VISITORS = 6
const TABS = 3
/** The last backend waits for so many replicas with each write. */
const REPLICAS = 1
/** Shorter than the default, so that a fault which outlasts it takes a second and not three. */
const STORE_TIMEOUT = 500
/** Milliseconds, longer than any fault here holds a message back. The other libraries read Redis each time, and need no such terms. */
const GRACE = 3000

/** Three backends, a Redis with a replica, the clients, the faults; then the verdict. */
export async function run(options: RunOptions): Promise<RunResult> {
  const random = new Random(options.seed)
  const recorder = new Recorder()
  const redis = await RedisPair.start(BACKENDS)
  let fleet: Fleet | undefined
  try {
    fleet = await Fleet.start(
      options.target,
      redis.links.map(({ port }, index) => ({
        id: `b${index}`,
        redisPort: port,
        storeTimeout: STORE_TIMEOUT,
        broken: options.broken,
        replicas: index === BACKENDS - 1 ? REPLICAS : 0,
      })),
    )
    const history = await play(options, { random, recorder, redis, fleet })
    if (fleet.dead().length > 0)
      throw new Error(`backend ${fleet.dead().join(', ')} of ${options.target} ended by itself`)
    const terms = isLimpet(options.target) ? { grace: options.grace ?? GRACE } : undefined
    return { target: options.target, history, report: check(history, terms) }
  } finally {
    await fleet?.stop()
    await redis.stop()
  }
}

interface Stage {
  readonly random: Random
  readonly recorder: Recorder
  readonly redis: RedisPair
  readonly fleet: Fleet
}

async function play(options: RunOptions, { random, recorder, redis, fleet }: Stage): Promise<History> {
  const end = recorder.now() + options.seconds * 1000
  const grace = options.grace ?? GRACE
  let broken = false
  const over = () => broken || recorder.now() >= end
  const balancer = new Balancer(fleet.ports, random.fork())
  fleet.onWord = (word) => recorder.hear(word)
  const clients = people(options.clients ?? CLIENTS, 0, (client) => {
    const browser = new Browser(client, balancer, recorder)
    return new Client({ name: `c${client}`, browser, random: random.fork(), over, grace })
  })
  const common = (client: number) => ({ client, balancer, recorder, random: random.fork(), over, grace })
  const visitors = people(options.visitors ?? VISITORS, 1, (client) => {
    return new Visitor({ ...common(client), only: options.stories })
  })
  const tabs = people(options.tabs ?? TABS, 2, (client) => new Tabs(common(client)))
  try {
    const scene: Scene = {
      fleet,
      redis,
      random: random.fork(),
      storeTimeout: STORE_TIMEOUT,
      healthy: () => healthy(fleet.ports, over),
      ask: async (backend, path) => void (await ask(fleet.ports[backend] ?? 0, path)),
    }
    const [faults] = await Promise.all([
      torment(scene, options.faults, () => recorder.now(), over).catch((error) => {
        broken = true
        throw error
      }),
      ...[...clients, ...visitors, ...tabs].map((person) => person.live()),
    ])
    await Promise.all([...clients, ...visitors, ...tabs].map((person) => person.audit()))
    return { ops: recorder.ops, faults }
  } finally {
    balancer.stop()
  }
}

/** Clients of one sort have numbers of their own. */
function people<Person>(count: number, sort: number, make: (client: number) => Person): Person[] {
  return Array.from({ length: count }, (_, index) => make(sort * 100 + index))
}
