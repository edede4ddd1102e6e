import { until } from '../../support/until.ts'
import { Backend, type Landings } from './backend.ts'

export const NAMES = ['web1', 'web2', 'web3'] as const

/** What a backend is called by the balancer, from its name and its port; undefined: the balancer is told nothing. */
export type HintOf = (name: string, port: number) => string | undefined

/** Three backends of one application. */
export class Pool {
  readonly backends: readonly Backend[]
  readonly landings: Landings = new Map()
  readonly #redisUrl: string
  readonly #hintOf: HintOf

  private constructor(namespace: string, redisUrl: string, hintOf: HintOf) {
    this.backends = NAMES.map((name) => new Backend(name, this.landings, { namespace }))
    this.#redisUrl = redisUrl
    this.#hintOf = hintOf
  }

  static async start(namespace: string, redisUrl: string, hintOf: HintOf): Promise<Pool> {
    const pool = new Pool(namespace, redisUrl, hintOf)
    for (const backend of pool.backends) {
      await backend.listen()
      await pool.startAgain(backend.name)
    }
    return pool
  }

  async startAgain(name: string): Promise<void> {
    const backend = this.named(name)
    await backend.start(this.#redisUrl, this.#hintOf(name, backend.port))
    await until(() => backend.isReady, `${name} is ready`)
  }

  named(name: string): Backend {
    const found = this.backends.find((one) => one.name === name)
    if (!found) throw new Error(`there is no ${name}`)
    return found
  }

  get ports(): readonly number[] {
    return this.backends.map(({ port }) => port)
  }

  async stop(): Promise<void> {
    for (const backend of this.backends) await backend.stop()
  }
}
