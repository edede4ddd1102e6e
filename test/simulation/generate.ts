import { Random } from '../consistency/driver/random.ts'
import { type Act, COUNTER, type FaultPlan, type Plan, REGISTERS, type Step } from './plan.ts'

const STORE_TIMEOUT = 500
const IDLE_TIMEOUT = 120_000
/** Longer than the store keeps a session that nobody uses. */
const OUTLIVES = 300_000
const BACKENDS = 3
/** Milliseconds after which a session still lives, and after which it does not. */
const PAUSES = [60_000, 95_000, 150_000]
/** Requests of a history, before it is looked at once more. */
const LEAST_STEPS = 26

/** Makes up a history. The same seed makes the same one. */
export function generate(seed: number): Plan {
  const random = new Random(seed)
  const faults: FaultPlan[] = []
  const scenes = new Scenes(random, random.chance(0.65) ? 1 : 2, faults)
  if (random.chance(0.1)) faults.push(skew(random, 0))
  if (random.chance(0.03)) faults.push(skew(random, random.between(0, 20_000)))
  if (random.chance(0.03)) faults.push(jump(random))
  while (scenes.steps.length < LEAST_STEPS) {
    if (random.chance(0.35)) faults.push(...fault(random, scenes.at + random.between(-50, 300)))
    scenes.next()
  }
  return {
    seed,
    backends: BACKENDS,
    idleTimeout: IDLE_TIMEOUT,
    storeTimeout: STORE_TIMEOUT,
    steps: scenes.steps,
    faults,
  }
}

function skew(random: Random, at: number): FaultPlan {
  const minutes = random.pick([2, 10, 60, 2 * 24 * 60])
  const length = minutes * 60_000 * random.pick([1, -1])
  return { kind: 'clock', backend: random.between(0, BACKENDS - 1), at, length }
}

function jump(random: Random): FaultPlan {
  return { kind: 'jump', at: random.between(0, 20_000), length: random.pick([3000, 90_000, 3_600_000]) }
}

function fault(random: Random, about: number): FaultPlan[] {
  const at = Math.max(0, about)
  const backend = random.between(0, BACKENDS - 1)
  switch (
    random.weighted({ restart: 3, rolling: 2, bounce: 4, silent: 2, news: 3, refused: 2, away: 2, lossy: 2, slow: 2 })
  ) {
    case 'restart':
      return [{ kind: 'restart', backend, at, length: random.between(5, 400) }]
    case 'rolling':
      return [0, 1, 2].map((each) => ({ kind: 'restart' as const, backend: each, at: at + each * 150, length: 100 }))
    case 'bounce':
      return [{ kind: 'bounce', backend, at, length: random.between(1, 1500) }]
    case 'silent':
      return [{ kind: 'silent', backend, at, length: random.between(50, 4000) }]
    case 'news':
      return [{ kind: 'slow-news', backend, at, length: random.between(200, 3000) }]
    case 'refused':
      return [{ kind: 'refused', at, length: random.between(20, 1500) }]
    case 'away':
      return [{ kind: 'away', at, length: random.between(50, 2000) }]
    case 'lossy':
      return [{ kind: 'lossy', at, length: random.between(50, 500) }]
    case 'slow':
      return [{ kind: 'slow', at, length: random.between(50, 800) }]
  }
}

type Rest = Partial<Omit<Step, 'id' | 'at' | 'client' | 'act'>>

/** What browsers do, one scene after the other. */
class Scenes {
  readonly steps: Step[] = []
  readonly faults: FaultPlan[]
  at = 5
  readonly #random: Random
  readonly #clients: number
  #client = 0

  constructor(random: Random, clients: number, faults: FaultPlan[]) {
    this.#random = random
    this.#clients = clients
    this.faults = faults
  }

  next(): void {
    const random = this.#random
    this.#client = random.between(0, this.#clients - 1)
    switch (random.weighted({ page: 20, walk: 30, logins: 16, leave: 14, stream: 8, tug: 8, haunt: 5, socket: 1.2 })) {
      case 'page':
        this.#page()
        break
      case 'walk':
        for (let left = random.between(2, 6); left > 0; left--) {
          this.#add(this.#usual(), 0)
          this.at += random.pick([3, 20, 60, 300])
        }
        break
      case 'logins':
        this.#logins()
        break
      case 'leave':
        this.#leave()
        break
      case 'stream':
        this.#add('all', random.between(0, 5))
        this.#add('set', random.between(5, 20), { stream: true, wait: random.pick([0, 10, 200]) })
        this.#add('get', random.between(5, 60))
        break
      case 'haunt':
        this.#haunt()
        break
      case 'tug':
        for (let left = random.between(2, 4); left > 0; left--) this.#add('add', random.between(0, 6), { key: COUNTER })
        break
      case 'socket':
        this.#add('get', 0, { stream: true, wait: OUTLIVES })
        this.#add('set', 3, { stream: true, wait: OUTLIVES + random.between(0, 50) })
        break
    }
    this.at += random.chance(0.96) ? random.pick([5, 50, 400, 400, 2500, 11_000]) : random.pick(PAUSES)
  }

  /** A page and what it loads, all at once. */
  #page(): void {
    const random = this.#random
    const cookie = random.chance(0.06) ? 'none' : 'jar'
    const writes = random.chance(0.6)
    for (let each = 0, count = random.between(2, 5); each < count; each++) {
      const act = each === 0 && writes ? 'set' : random.pick<Act>(['get', 'get', 'all'])
      this.#add(act, random.between(0, 4), { cookie })
    }
  }

  /** A login, perhaps sent twice, perhaps with a poll beside it. */
  #logins(): void {
    const random = this.#random
    const wait = random.pick([0, 5, 30, 100])
    this.#add('login', 0, { wait })
    if (random.chance(0.65)) this.#add('login', random.pick([0, 10, 25, 60]), { wait })
    if (random.chance(0.4)) this.#add(random.pick<Act>(['set', 'add', 'get']), random.between(0, 80))
    if (random.chance(0.3)) this.#add('all', random.between(40, 120))
  }

  /** A logout, and what is under way meanwhile. */
  #leave(): void {
    const random = this.#random
    if (random.chance(0.45)) this.#add('login', random.between(0, 12), { wait: random.pick([0, 5, 30]) })
    if (random.chance(0.5))
      this.#add(random.pick<Act>(['set', 'add']), random.between(0, 20), { wait: random.between(0, 80) })
    this.#add('logout', random.between(0, 25))
    if (random.chance(0.4)) this.#add('get', random.between(0, 60))
  }

  /** A logout that not every backend hears of; then the old cookie again, and again while the store is away. */
  #haunt(): void {
    const random = this.#random
    for (let backend = 0; backend < BACKENDS; backend++) this.#add('all', backend * 8, { where: backend / BACKENDS })
    const deaf = random.between(0, BACKENDS - 1)
    this.faults.push({ kind: 'bounce', backend: deaf, at: this.at + 30, length: random.between(20, 60) })
    this.#add('logout', 40)
    const ghost = { cookie: 'old', where: deaf / BACKENDS } as const
    this.#add(random.pick<Act>(['all', 'get', 'set']), random.between(60, 120), ghost)
    if (random.chance(0.6)) this.faults.push({ kind: 'bounce', backend: deaf, at: this.at + 140, length: 10 })
    this.faults.push({ kind: random.pick(['refused', 'away'] as const), at: this.at + 160, length: 700 })
    for (let left = random.between(1, 3); left > 0; left--) this.#add('all', random.between(170, 240), ghost)
    if (random.chance(0.5)) this.#add('logout', random.between(170, 240))
    this.at += 900
  }

  #usual(): Act {
    return this.#random.weighted({ get: 36, all: 12, set: 30, add: 22 })
  }

  #add(act: Act, after: number, rest: Rest = {}): void {
    const random = this.#random
    this.steps.push({
      id: this.steps.length + 1,
      at: this.at + after,
      client: this.#client,
      act,
      key: act === 'add' || (act === 'get' && random.chance(0.25)) ? COUNTER : random.pick(REGISTERS),
      wait: random.chance(0.1) ? random.between(1, 60) : 0,
      stream: false,
      lose: random.chance(0.94) ? 'nothing' : random.pick(['head', 'body'] as const),
      there: this.#way(),
      back: this.#way(),
      where: random.next(),
      cookie: 'jar',
      ...rest,
    })
  }

  #way(): number {
    const random = this.#random
    if (random.chance(0.8)) return random.between(0, 3)
    return random.chance(0.8) ? random.between(3, 60) : random.between(60, 1500)
  }
}
