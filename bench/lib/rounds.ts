import { startRedis } from '../../test/support/redis-server.ts'
import { commandCounter } from './commands.ts'
import { type Contender, type Preparation, prepare } from './contender.ts'
import type { Cores } from './cores.ts'
import { Sample } from './sample.ts'
import { shuffled } from './statistics.ts'
import { groupsOf, type Subject } from './subjects.ts'

export interface Settings {
  readonly rounds: number
  /** Per subject and round, at saturation; and half as much again at the fixed rate. */
  readonly seconds: number
  readonly warmUp: number
  readonly connections: number
  readonly rate: number
}

/** One subject in one round. */
export interface Measured {
  readonly name: string
  readonly round: number
  readonly sample: Sample
  /** The bare framework, measured in turns with it. */
  readonly bare: Sample
}

/**
 * A subject's seconds are dealt out in slices of about so many, in turns with the others of its group: what the machine does
 * beside the bench then hits all of them alike.
 */
const SLICE = 0.5

/** All rounds, against one Redis of the bench's own. */
export async function measure(
  subjects: readonly Subject[],
  settings: Settings,
  cores: Cores,
  node: string,
  progress: (text: string) => void,
): Promise<Measured[]> {
  const redis = await startRedis()
  const counter = commandCounter(redis.url)
  const serverSettings = { node, cores, redisUrl: redis.url }
  const preparation = { ...settings, serverSettings, counter, insideScripts: new Map() }
  try {
    const all: Measured[] = []
    for (let round = 1; round <= settings.rounds; round++) {
      for (const group of shuffled(groupsOf(subjects))) {
        progress(`round ${round} of ${settings.rounds}: ${group.map(({ name }) => name).join(', ')}`)
        const samples = await measureGroup(group, settings, preparation)
        const bare = samples.find(({ subject }) => subject.kind === undefined)
        if (bare)
          all.push(...samples.map(({ subject, sample }) => ({ name: subject.name, round, sample, bare: bare.sample })))
      }
    }
    return all
  } finally {
    counter.close()
    await redis.stop()
  }
}

/**
 * Fresh processes each time: what the compiler made of the code differs from one process to the next, and a subject must not
 * keep a lucky one for all of its rounds.
 */
async function measureGroup(group: readonly Subject[], settings: Settings, preparation: Preparation) {
  const contenders: (Contender & { readonly sample: Sample })[] = []
  try {
    for (const subject of group) {
      const contender = await prepare(subject, preparation)
      contenders.push({ ...contender, sample: new Sample(contender.counted) })
    }
    const slices = Math.max(1, Math.round(settings.seconds / SLICE))
    const seconds = settings.seconds / slices
    for (let i = 0; i < slices; i++) {
      for (const one of shuffled(contenders)) await one.sample.addSaturated(one, one.requestsPerSecond * seconds)
    }
    for (let i = 0; i < slices; i++) {
      for (const one of shuffled(contenders)) await one.sample.addPaced(one, settings.rate, seconds / 2)
    }
    return contenders
  } finally {
    for (const { server } of contenders) await server.stop()
  }
}
