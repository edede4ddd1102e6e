import { until } from '../../support/until.ts'
import { NAMES, type Pool } from './pool.ts'
import type { Program } from './programs.ts'
import type { RunningBalancer } from './running.ts'
import { type Visit, Visitor } from './visitor.ts'

/** What the table has a column for: what was asked for, or what had happened before. */
export const PHASES = ['200', '404', '302', 'WebSocket', 'hint lost', 'restart', 'drain'] as const
export type Phase = (typeof PHASES)[number]

/** Requests of clients that had a session already: how many came out of the balancer on its owner. */
export interface Share {
  landed: number
  of: number
}

export interface Result {
  readonly program: Program
  readonly hinted: boolean
  readonly shares: Readonly<Record<Phase, Share>>
  /** Requests that got another status than the application's. */
  failed: number
  /** Clients that had another session in the end than in the beginning. */
  lost: number
  /** Clients that have been told another backend than their owner, in the end. */
  wrong: number
}

/** Clients of each balancer. */
const VISITORS = 12
const PATHS = { '200': '/', '404': '/missing', '302': '/out' } as const
const ROUNDS = 2

/** One balancer in front of one pool, and its clients. */
export class Stage {
  readonly result: Result
  readonly #balancer: RunningBalancer
  readonly #pool: Pool
  readonly #visitors: readonly Visitor[]
  readonly #sessions = new Map<Visitor, string | undefined>()
  /** The same each time (Park and Miller 1988). */
  #dice = 20_261

  constructor(program: Program, hinted: boolean, balancer: RunningBalancer, pool: Pool) {
    const shares = Object.fromEntries(PHASES.map((phase) => [phase, { landed: 0, of: 0 }])) as Record<Phase, Share>
    this.result = { program, hinted, shares, failed: 0, lost: 0, wrong: 0 }
    this.#balancer = balancer
    this.#pool = pool
    this.#visitors = Array.from({ length: VISITORS }, (_, n) => this.#visitor(`${n}`))
  }

  #visitor(name: string): Visitor {
    const { program, hinted } = this.result
    const { port } = this.#balancer
    return new Visitor(`${program.title}${hinted}-${name}`, port, this.#pool.landings)
  }

  async begin(): Promise<void> {
    for (const visitor of this.#visitors) this.#sessions.set(visitor, (await this.#ask(visitor, '/store')).session)
  }

  async kinds(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      for (const phase of ['200', '404', '302'] as const) await this.count(phase, PATHS[phase], Number(phase))
    }
  }

  async sockets(): Promise<void> {
    const share = this.result.shares.WebSocket
    for (const visitor of this.#inTurns()) {
      const { landed, owner } = await visitor.connect()
      if (owner === undefined) this.result.failed++
      share.of++
      if (landed !== undefined && landed === owner) share.landed++
    }
  }

  /** The first request after it hops, or not; the second one is counted. */
  async loseHint(): Promise<void> {
    for (const visitor of this.#visitors) {
      await visitor.loseHint()
      await this.#ask(visitor, '/')
    }
    await this.count('hint lost')
  }

  async count(phase: Phase, path = '/', status = 200): Promise<void> {
    const share = this.result.shares[phase]
    for (const visitor of this.#inTurns()) {
      const { landed, owner } = await this.#ask(visitor, path, status)
      share.of++
      if (landed !== undefined && landed === owner) share.landed++
    }
  }

  /** Requests that are not counted, but may fail. */
  async goOn(): Promise<void> {
    for (const visitor of this.#inTurns()) await this.#ask(visitor, '/')
  }

  /** In another order each time: a balancer that takes its backends in turns would bring each client back by chance. */
  #inTurns(): Visitor[] {
    const left = [...this.#visitors]
    const order: Visitor[] = []
    while (left.length > 0) {
      this.#dice = (this.#dice * 48_271) % 2_147_483_647
      order.push(...left.splice(this.#dice % left.length, 1))
    }
    return order
  }

  /** What follows is not to be of what was before: all clients with a hint have come home. */
  async settles(): Promise<void> {
    if (!this.result.hinted) return
    const atHome = async (visitor: Visitor) => {
      const { landed, owner } = await this.#ask(visitor, '/')
      return landed === owner
    }
    await until(async () => {
      const home = await Promise.all(this.#visitors.map(atHome))
      return !home.includes(false)
    }, `all clients of ${this.result.program.title} are at home`)
  }

  /** The balancer has noticed that this backend is there: it sends new clients to it, and those that are told of it. */
  async notices(name: string): Promise<void> {
    const { program, hinted } = this.result
    const hint = hinted ? program.hintOf(name, this.#pool.named(name).port) : undefined
    let asked = 0
    await until(async () => {
      const landed: (string | undefined)[] = []
      for (const _ of NAMES) landed.push((await this.#visitor(`new-${name}-${asked++}`).ask('/')).landed)
      if (!landed.includes(name) || hint === undefined) return landed.includes(name)
      const told = this.#visitor(`told-${name}-${asked++}`)
      await told.tell(hint)
      return (await told.ask('/')).landed === name
    }, `${program.title} notices that ${name} is there`)
  }

  async end(): Promise<void> {
    for (const visitor of this.#visitors) {
      const { owner, session } = await this.#ask(visitor, '/')
      if (session !== this.#sessions.get(visitor)) this.result.lost++
      if (owner === undefined) continue
      const hint = this.result.program.hintOf(owner, this.#pool.named(owner).port)
      if (this.result.hinted && (await visitor.hint()) !== hint) this.result.wrong++
    }
  }

  async stop(): Promise<void> {
    await this.#balancer.stop()
  }

  async #ask(visitor: Visitor, path: string, status = 200): Promise<Visit> {
    const visit = await visitor.ask(path)
    if (visit.status !== status) this.result.failed++
    return visit
  }
}
