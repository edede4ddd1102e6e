import { startRedis } from '../../test/support/redis-server.ts'
import { commandCounter } from './commands.ts'
import { type Contender, type Preparation, prepare } from './contender.ts'
import type { Cores } from './cores.ts'
import type { Generator } from './generator.ts'
import { Sample } from './sample.ts'
import { shuffled } from './statistics.ts'
import { groupsOf, type Subject } from './subjects.ts'

export interface Settings {
  readonly rounds: number
  /** Per subject and round, at saturation. */
  readonly seconds: number
  /** And at the fixed rate. */
  readonly paced: number
  /** Requests. */
  readonly warmUp: number
  readonly connections: number
  readonly rate: number
}

/** One subject in one round: one process. */
export interface Measured {
  readonly name: string
  readonly round: number
  readonly sample: Sample
  /** The bare framework, and the floor, measured in turns with it. */
  readonly bare: Sample
  readonly floor: Sample
}

/**
 * A subject's seconds are dealt out in slices of about so many, in turns with the others of its framework: what the machine does
 * beside the bench then hits all of them alike.
 */
const SLICE = 1

/** All rounds, against one Redis of the bench's own. */
export async function measure(
  subjects: readonly Subject[],
  settings: Settings,
  how: { readonly cores: Cores; readonly node: string; readonly generator: Generator },
  progress: (text: string) => void,
): Promise<Measured[]> {
  const redis = await startRedis()
  const counter = commandCounter(redis.url)
  const serverSettings = { node: how.node, cores: how.cores, redisUrl: redis.url }
  const { generator } = how
  const preparation = { ...settings, generator, serverSettings, counter, insideScripts: new Map() }
  try {
    const all: Measured[] = []
    for (let round = 1; round <= settings.rounds; round++) {
      for (const group of shuffled(groupsOf(subjects, round))) {
        progress(`round ${round} of ${settings.rounds}: ${group.map(({ name }) => name).join(', ')}`)
        all.push(...compared(await measureGroup(group, settings, preparation), round))
      }
    }
    return all
  } finally {
    counter.close()
    await redis.stop()
  }
}

type Sampled = Contender & { readonly sample: Sample }

function compared(samples: readonly Sampled[], round: number): Measured[] {
  const of = (kind: string) => samples.find(({ subject }) => subject.kind === kind)?.sample
  const [bare, floor] = [of('bare'), of('floor')]
  if (!bare || !floor) throw new Error('no bare framework, or no floor, to compare with')
  return samples.map(({ subject, sample }) => ({ name: subject.name, round, sample, bare, floor }))
}

/**
 * Fresh processes each time: what the compiler made of the code differs from one process to the next, and a subject must not
 * keep a lucky one for all of its rounds.
 */
async function measureGroup(group: readonly Subject[], settings: Settings, preparation: Preparation) {
  const { generator } = preparation
  const contenders: Sampled[] = []
  try {
    for (const subject of shuffled(group)) {
      const contender = await prepare(subject, preparation)
      contenders.push({ ...contender, sample: new Sample(contender.counted) })
    }
    const slices = Math.max(1, Math.round(settings.seconds / SLICE))
    for (let i = 0; i < slices; i++) {
      for (const one of shuffled(contenders)) await one.sample.addSaturated(one, generator, settings.seconds / slices)
    }
    for (let i = 0; i < slices; i++) {
      for (const one of shuffled(contenders)) await one.sample.addPaced(one, settings.rate, settings.paced / slices)
    }
    return contenders
  } finally {
    for (const { server } of contenders) await server.stop()
  }
}
