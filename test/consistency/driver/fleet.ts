import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../support/redis-server.ts'
import type { Word } from '../backends/app.ts'
import type { BackendSettings } from '../backends/serve.ts'

/** What a run without a word, and the tables, compare. */
export const compared = ['limpet', 'express-session', 'koa-session', 'fastify-session'] as const
/**
 * `drop-in`: express-session's application with one import changed. `limpet-forward`: requests go to the owners of their
 * sessions.
 */
export const targets = [...compared, 'drop-in', 'limpet-forward'] as const
export type Target = (typeof targets)[number]

export function isLimpet(target: Target): boolean {
  return target === 'limpet' || target === 'limpet-forward' || target === 'drop-in'
}

/** The backends of one run: processes of their own, each on a port that it keeps when it is killed and started again. */
export class Fleet {
  /** Hears what backends say past the network. */
  onWord: (word: Word, backend: number) => void = () => undefined
  readonly ports: readonly number[]
  readonly #children: (ChildProcess | undefined)[] = []
  readonly #target: Target
  readonly #settings: readonly BackendSettings[]

  private constructor(target: Target, all: readonly BackendSettings[]) {
    this.#target = target
    this.#settings = all
    this.ports = all.map(({ port }) => port)
  }

  static async start(target: Target, all: readonly Omit<BackendSettings, 'port'>[]): Promise<Fleet> {
    const ports = await Promise.all(all.map(() => freePort()))
    const fleet = new Fleet(
      target,
      all.map((one, index) => ({ ...one, port: ports[index] ?? 0 })),
    )
    try {
      await Promise.all(all.map((_, index) => fleet.launch(index)))
    } catch (error) {
      await fleet.stop()
      throw error
    }
    return fleet
  }

  /** `clockShift`: milliseconds by which its clock is wrong. */
  async launch(index: number, clockShift = 0): Promise<void> {
    const child = fork(fileOf(`../backends/${this.#target}.ts`), [JSON.stringify(this.#settings[index])], {
      execArgv: ['--import', 'tsx', '--import', fileOf('../backends/clock.ts')],
      env: { ...process.env, CLOCK_SHIFT: String(clockShift) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#children[index] = child
    let log = ''
    child.stderr?.on('data', (chunk) => {
      log = (log + chunk).slice(-4000)
    })
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => (message === 'ready' ? resolve() : this.onWord(message as Word, index)))
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        reject(new Error(`backend ${index} of ${this.#target} ended (${code ?? signal}) before it was ready:\n${log}`))
      })
    })
  }

  /** kill -9; or SIGTERM, after which a backend answers what it has and ends. */
  async kill(index: number, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#children[index]
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  /** Backends that ended by themselves: none should. */
  dead(): number[] {
    return this.#children.flatMap((child, index) =>
      child?.exitCode === null && child.signalCode === null ? [] : [index],
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((_, index) => this.kill(index)))
  }
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
