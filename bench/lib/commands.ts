import { Redis } from 'ioredis'

/** Calls so far, by command, as Redis counts them. */
export type CommandCounts = ReadonlyMap<string, number>

export interface CommandCounter {
  counts(): Promise<CommandCounts>
  /** The commands that scripts run inside Redis while `work` is done: commandstats counts them like a client's. */
  insideScripts(work: () => Promise<void>): Promise<ReadonlySet<string>>
  close(): void
}

/** What this counter, a client's own connecting, and looking at the server's clock every few seconds cause: not the price of a request. */
const notRequests = /^(info|monitor|config|ping|time|echo|hello|auth|select|client(\|.*)?)$/

export function commandCounter(redisUrl: string): CommandCounter {
  const redis = new Redis(redisUrl)
  return {
    counts: async () => parseCommandStats(await redis.info('commandstats')),
    insideScripts: async (work) => {
      const monitor = await redis.monitor()
      const inside = new Set<string>()
      const outside = new Set<string>()
      monitor.on('monitor', (_time: string, args: readonly string[], source: string) => {
        const name = args[0]?.toLowerCase() ?? ''
        if (source === 'lua') inside.add(name)
        else outside.add(name)
      })
      await work()
      // What MONITOR still has on its way is ahead of the answer to a command sent now, on the server's side only: wait
      // until this last one has come by.
      await redis.echo('the end')
      while (!outside.has('echo')) await new Promise((resolve) => setImmediate(resolve))
      monitor.disconnect()
      return new Set([...inside].filter((name) => !outside.has(name)))
    },
    close: () => redis.disconnect(),
  }
}

export function parseCommandStats(info: string): CommandCounts {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
  return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]))
}

/** What was called between two counts, without what only scripts called and without what is not a request's price. */
export function commandsBetween(
  before: CommandCounts,
  after: CommandCounts,
  inside: ReadonlySet<string>,
): CommandCounts {
  const named = [...after].filter(([name]) => !notRequests.test(name) && !inside.has(name))
  const deltas = named.map(([name, calls]) => [name, calls - (before.get(name) ?? 0)] as const)
  return new Map(deltas.filter(([, calls]) => calls > 0))
}
