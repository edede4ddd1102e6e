import { type CommandCounter, type CommandCounts, commandsBetween } from './commands.ts'
import type { Generator } from './generator.ts'
import { prepareJars } from './jar.ts'
import { type Load, saturate } from './load.ts'
import { paced } from './paced.ts'
import { type Server, type ServerSettings, startServer } from './server.ts'
import type { Subject } from './subjects.ts'

/** A subject that runs, is warm, and can be measured. */
export interface Contender {
  readonly subject: Subject
  readonly server: Server
  readonly load: Load
  readonly counted: Counted
}

/** What so many requests, one right after the other, caused in Redis. */
export interface Counted {
  readonly requests: number
  readonly commands: CommandCounts
}

/** What every subject answers. */
export const expectedBody = '{"user":"ada@example.org"}'

export interface Preparation {
  readonly connections: number
  /** Requests. */
  readonly warmUp: number
  readonly generator: Generator
  readonly serverSettings: ServerSettings
  readonly counter: CommandCounter
  /** By subject: the commands that only its scripts call, inside Redis. Found out once. */
  readonly insideScripts: Map<string, ReadonlySet<string>>
}

export async function prepare(subject: Subject, preparation: Preparation): Promise<Contender> {
  const { connections, warmUp, generator, serverSettings, counter, insideScripts } = preparation
  const server = await startServer(subject.name, serverSettings)
  try {
    const jars = await prepareJars(server.url, subject.before, connections)
    const load = { url: server.url, connections, jars, expectedBody, renews: subject.renews === true }
    await heat(server, load, generator, warmUp)
    // The end of the warm-up cut requests off; when these are answered, so are those.
    await saturate(load, { requests: 500 })
    const inside = insideScripts.get(subject.name) ?? (await probe(counter, load))
    insideScripts.set(subject.name, inside)
    return { subject, server, load, counted: await count(load, counter, inside) }
  } catch (error) {
    await server.stop()
    throw new Error(`${subject.name}: ${(error as Error).message}`, { cause: error })
  }
}

/** Seconds of load to warm up, at most. */
const PATIENCE = 10

/** The compiler is done after so many requests, not after so many seconds: a busy machine needs more of these. */
export async function heat(server: Server, load: Load, generator: Generator, requests: number): Promise<void> {
  for (let i = 0; i < PATIENCE && (await server.usage()).requests < requests; i++) await generator.saturate(load, 1)
}

/** Some requests without a pause, and nothing else that speaks to Redis. */
async function count(load: Load, counter: CommandCounter, inside: ReadonlySet<string>): Promise<Counted> {
  const before = await counter.counts()
  const { answers } = await saturate(load, { requests: 1500 })
  return { requests: answers, commands: commandsBetween(before, await counter.counts(), inside) }
}

/** A few requests under MONITOR, which is too dear to run beside a measurement. */
function probe(counter: CommandCounter, load: Load): Promise<ReadonlySet<string>> {
  return counter.insideScripts(async () => {
    await paced(load, 200, 0.5)
  })
}
