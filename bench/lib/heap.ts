import { startRedis } from '../../test/support/redis-server.ts'
import { pinnedNowhere } from './cores.ts'
import { eachRequest } from './each-request.ts'
import { type ServerSettings, startServer } from './server.ts'

export interface HeapGrowth {
  /** How many distinct entries had gone by, and what was reachable then. */
  readonly steps: readonly { readonly entries: number; readonly bytes: number }[]
  readonly bytesPerEntry: number
  /** So many were kept at least; fewer than were shown when a bound was reached. */
  readonly kept: number
}

const stepCount = 20
const warmUp = 2000

/** What tokens cost a backend that remembers them, and what sessions cost one that keeps a copy of each as well. */
export async function heapGrowth(
  entries: number,
  others: number,
): Promise<{ tokens: HeapGrowth; tokensAndCopies: HeapGrowth }> {
  const redis = await startRedis()
  const settings = { node: process.execPath, cores: pinnedNowhere, redisUrl: redis.url, nodeArgs: ['--expose-gc'] }
  try {
    return {
      tokens: await growthOf('koa-limpet-cookie', '/', entries, others, settings),
      tokensAndCopies: await growthOf('koa-limpet-read', '/login', entries, others, settings),
    }
  } finally {
    await redis.stop()
  }
}

/** One backend gives the cookies out, at `path`; another one, which has seen none of them, is shown each once. */
async function growthOf(
  subject: string,
  path: string,
  entries: number,
  others: number,
  settings: ServerSettings,
): Promise<HeapGrowth> {
  const giver = await startServer(subject, settings)
  const cookies = await eachRequest(giver.url, Array(entries + warmUp).fill({ path }))
  await giver.stop()
  // A browser sends other cookies too: whatever keeps a piece of the header must not keep the whole of it.
  const shown = cookies.map((cookie) => ({ path: '/', cookie: `other=${'o'.repeat(others)}; ${cookie}` }))

  const server = await startServer(subject, settings)
  try {
    await eachRequest(server.url, shown.slice(entries))
    const steps = [{ entries: 0, bytes: await server.heap() }]
    const size = Math.ceil(entries / stepCount)
    for (let from = 0; from < entries; from += size) {
      await eachRequest(server.url, shown.slice(from, Math.min(from + size, entries)))
      steps.push({ entries: Math.min(from + size, entries), bytes: await server.heap() })
    }
    return { steps, ...untilFull(steps) }
  } finally {
    await server.stop()
  }
}

/** Growth per entry up to the last step that still grew: after it, each new entry drops an old one. */
export function untilFull(steps: HeapGrowth['steps']): { bytesPerEntry: number; kept: number } {
  const first = steps[0] ?? { entries: 0, bytes: 0 }
  const growth = steps.map(({ bytes }, i) => bytes - (steps[i - 1]?.bytes ?? bytes))
  // A map that doubles makes one step large: the usual step is the measure.
  const usual = [...growth.slice(1)].sort((a, b) => a - b).at(-2) ?? 0
  const last = steps[growth.findLastIndex((one) => one > usual / 4)] ?? first
  return { bytesPerEntry: (last.bytes - first.bytes) / (last.entries - first.entries), kept: last.entries }
}
