import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type Found, merged, NONE, type Summary } from './summary.ts'
import type { Done, Task, Terms, Text } from './worker.ts'

/** Histories that a worker is given at once: a few tenths of a second. */
const PORTION = 100
/**
 * Nearly everything that a history makes is garbage when it ends: the less often it is looked for, the less of it is still in use and copied. All cores
 * are busy anyway, so helping threads only get in the way.
 */
const COLLECTOR = ['--single-threaded-gc', '--max-semi-space-size=64']

export interface TeamOptions extends Terms {
  /** Processes; default: one for each core. */
  readonly workers?: number | undefined
}

/**
 * Plays histories on all cores. Each history depends on the seed and on its own number alone, so it does not matter who plays it, nor when.
 */
export class Team {
  readonly #members: readonly ChildProcess[]
  readonly #folder: string
  #telling: Promise<unknown> = Promise.resolve()
  /** Seconds that cores have spent on histories. */
  seconds = 0

  private constructor(members: readonly ChildProcess[], folder: string) {
    this.#members = members
    this.#folder = folder
  }

  static async assemble({ workers = availableParallelism(), ...terms }: TeamOptions): Promise<Team> {
    const folder = await mkdtemp(join(tmpdir(), 'limpet-simulation-'))
    const script = join(folder, 'worker.cjs')
    await bundle(script)
    const hire = () =>
      fork(script, [JSON.stringify(terms)], { execArgv: COLLECTOR, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    return new Team(Array.from({ length: workers }, hire), folder)
  }

  get size(): number {
    return this.#members.length
  }

  async dismiss(): Promise<void> {
    for (const member of this.#members) member.kill('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** The histories from 1 to this number. `each` is told what was found meanwhile; true: no more after those that are being played. */
  async play(histories: number, each: (found: readonly Found[]) => boolean = () => false): Promise<Summary> {
    let summary = NONE
    let next = 1
    let enough = false
    const playPortions = async (member: ChildProcess) => {
      while (next <= histories && !enough) {
        const from = next
        next += PORTION
        const done = await give(member, { kind: 'play', from, histories: Math.min(PORTION, histories - from + 1) })
        if (!('summary' in done)) continue
        summary = merged(summary, done.summary)
        this.seconds += done.seconds
        enough ||= each(done.summary.found)
      }
    }
    await Promise.all(this.#members.map(playPortions))
    return summary
  }

  /** The smallest history that shows what was found, as a person reads it. */
  async story({ kind, numbers: [number] }: Found): Promise<string> {
    const { text } = await this.#text({ kind: 'story', number, of: kind })
    return text
  }

  /** All of one history, and how much is wrong in it. */
  show(number: number): Promise<Text> {
    return this.#text({ kind: 'show', number })
  }

  /** One after the other: a worker has one virtual time, and an answer does not name its task. */
  #text(task: Task): Promise<Text> {
    const text = this.#telling.then(() => this.#tell(task))
    this.#telling = text.catch(() => undefined)
    return text
  }

  async #tell(task: Task): Promise<Text> {
    const [member] = this.#members
    const done = member && (await give(member, task))
    if (!done || !('text' in done)) throw new TypeError('a team has at least one member')
    return done
  }
}

function give(member: ChildProcess, task: Task): Promise<Done> {
  return new Promise((resolve, reject) => {
    const settle = () => member.off('message', answered).off('exit', left)
    const answered = (done: unknown) => {
      settle()
      resolve(done as Done)
    }
    const left = (code: number | null, signal: string | null) => {
      settle()
      reject(new Error(`a worker left with ${signal ?? code} while it was at ${JSON.stringify(task)}`))
    }
    member.on('message', answered).on('exit', left)
    member.send(task)
  })
}

/**
 * One script with everything in it: faster than what tsx or vitest make of the sources, which name each function again whenever it is
 * made. The package says that importing its modules has no effect; to import cheap-signatures.ts has one.
 */
async function bundle(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('worker.ts', import.meta.url))
  const how = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' } as const
  await build({ ...how, entryPoints: [entry], outfile, ignoreAnnotations: true })
}
