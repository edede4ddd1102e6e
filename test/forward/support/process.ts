import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LimpetEvent } from '../../../src/index.ts'
import { freePort } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

/** Loaded before everything else where the clock is wrong. */
const CLOCK = new URL('../../consistency/backends/clock.ts', import.meta.url).href

/** Until each has heard of each. */
export function acquainted(all: readonly BackendProcess[]): Promise<unknown> {
  return until(
    () => all.every((one) => all.every((other) => one === other || one.knows(other) === 'up')),
    'they know each other',
  )
}

/** A backend that can be killed and stopped, as a machine does it. */
export class BackendProcess {
  readonly id: string
  readonly port: number
  readonly events: LimpetEvent[] = []
  readonly #child: ChildProcess

  private constructor(id: string, port: number, child: ChildProcess) {
    this.id = id
    this.port = port
    this.#child = child
  }

  /**
   * `file`: what it runs, with its id, port, Redis' url, and `more` as arguments. `wanted`: the port that it is to have. `shift`: by how many
   * milliseconds its clock is off.
   */
  static async start(
    id: string,
    redisUrl: string,
    file = 'worker.ts',
    more: readonly string[] = [],
    wanted?: number,
    shift = 0,
  ): Promise<BackendProcess> {
    const port = wanted ?? (await freePort())
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), [id, String(port), redisUrl, ...more], {
      execArgv: ['--import', 'tsx', ...(shift === 0 ? [] : ['--import', CLOCK])],
      env: { ...process.env, CLOCK_SHIFT: String(shift) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const backend = new BackendProcess(id, port, child)
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        if (message === 'ready') resolve()
        else backend.events.push(message as LimpetEvent)
      })
      child.once('exit', (code) => reject(new Error(`backend ${id} ended (${code}) before it was ready`)))
    })
    return backend
  }

  /** Its events of one other backend, the last one first: is that one there? */
  knows(other: BackendProcess): 'up' | 'down' | undefined {
    for (const event of this.events.toReversed()) {
      if (event.type === 'backend' && event.id === other.id) return event.state
    }
    return undefined
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** SIGTERM: it drains, and ends. Resolves to its exit code. */
  async terminate(): Promise<number | null> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const [code] = await gone
    return code
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
