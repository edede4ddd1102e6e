import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { type Found, merged, NONE, type Summary } from './summary.ts'
import type { Done, Task, Terms, Text } from './worker.ts'

/** Histories that a worker is given at once: a few tenths of a second. */
const PORTION = 100
/** Megabytes in which a worker makes its garbage: with the usual 16 it would stop four times as often. */
const YOUNG = 96

export interface TeamOptions extends Terms {
  /** Threads; default: one for each core. */
  readonly workers?: number | undefined
}

/**
 * Plays histories on all cores. Each history depends on the seed and on its own number alone, so it does not matter who plays it, nor when.
 */
export class Team {
  readonly #members: readonly Worker[]

  private constructor(members: readonly Worker[]) {
    this.#members = members
  }

  static async assemble({ workers = availableParallelism(), ...terms }: TeamOptions): Promise<Team> {
    const code = await bundle()
    const hire = () =>
      new Worker(code, { eval: true, workerData: terms, resourceLimits: { maxYoungGenerationSizeMb: YOUNG } })
    return new Team(Array.from({ length: workers }, hire))
  }

  get size(): number {
    return this.#members.length
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.terminate()))
  }

  /** The histories from 1 to this number. `enough`: no more after those that are being played. */
  async play(histories: number, enough: () => boolean = () => false): Promise<Summary> {
    let summary = NONE
    let next = 1
    const playPortions = async (member: Worker) => {
      while (next <= histories && !enough()) {
        const from = next
        next += PORTION
        const done = await give(member, { kind: 'play', from, histories: Math.min(PORTION, histories - from + 1) })
        if ('summary' in done) summary = merged(summary, done.summary)
      }
    }
    await Promise.all(this.#members.map(playPortions))
    return summary
  }

  /** The smallest history that shows what was found, as a person reads it. */
  async story({ kind, first }: Found): Promise<string> {
    const { text } = await this.#text({ kind: 'story', number: first, of: kind })
    return text
  }

  /** All of one history, and how much is wrong in it. */
  show(number: number): Promise<Text> {
    return this.#text({ kind: 'show', number })
  }

  async #text(task: Task): Promise<Text> {
    const [member] = this.#members
    const done = member && (await give(member, task))
    if (!done || !('text' in done)) throw new TypeError('a team has at least one member')
    return done
  }
}

function give(member: Worker, task: Task): Promise<Done> {
  return new Promise((resolve, reject) => {
    const settle = () => member.off('message', answered).off('error', failed)
    const answered = (done: Done) => {
      settle()
      resolve(done)
    }
    const failed = (error: Error) => {
      settle()
      reject(error)
    }
    member.on('message', answered).on('error', failed)
    member.postMessage(task)
  })
}

/**
 * One script with everything in it: a fifth faster than what tsx or vitest make of the sources, which name each function again whenever it is
 * made. The package says that importing its modules has no effect; to import cheap-signatures.ts has one.
 */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    ignoreAnnotations: true,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
