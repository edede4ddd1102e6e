import type { Exchange, ExchangeHistory } from '../consistency/checker/exchanges/exchange.ts'
import type { Outcome } from '../consistency/history.ts'
import { Backends, type Life } from './backends.ts'
import type { Break } from './breaks.ts'
import { Browser, type Crumb } from './browser.ts'
import { strike } from './faults.ts'
import { handle, type Touch, touches } from './handler.ts'
import { RemoteStore } from './link.ts'
import type { FaultPlan, Plan, Step } from './plan.ts'
import { createStore, didNotHappen, type Served, sessionOf } from './subject.ts'
import type { VirtualTime } from './time.ts'
import { createWeather, type Sky } from './weather.ts'

/** Longer than any copy is believed and than any word of a change is under way. */
export const GRACE = 13_000

/** Lets one plan happen, and then asks every backend what is left. */
export async function play(plan: Plan, time: VirtualTime, broken?: Break): Promise<ExchangeHistory> {
  time.reset()
  const stage = new Stage(plan, time, broken)
  await stage.run()
  const setBack = plan.faults.filter(({ kind }) => kind === 'jump').map(({ at }) => at)
  return { exchanges: stage.exchanges(), idleTimeout: plan.idleTimeout, setBack }
}

/** What is known of a request so far. */
type Draft = { -readonly [Field in keyof Exchange]: Exchange[Field] } & {
  touches: readonly Touch[]
  done: boolean
  life: Life | undefined
}

class Stage {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #backends: Backends
  readonly #remote: RemoteStore<Sky>
  readonly #browsers = new Map<number, Browser>()
  readonly #drafts: Draft[] = []
  #moments = 0
  #nextId: number

  constructor(plan: Plan, time: VirtualTime, broken: Break | undefined) {
    this.#plan = plan
    this.#time = time
    this.#remote = new RemoteStore(createStore, time, createWeather())
    this.#backends = new Backends(plan, this.#remote, broken)
    this.#nextId = Math.max(0, ...plan.steps.map(({ id }) => id)) + 1
  }

  async run(): Promise<void> {
    const { steps, faults } = this.#plan
    for (const fault of faults) strike(fault, this.#time, { backends: this.#backends, remote: this.#remote })
    for (const step of steps) this.#time.at(step.at, () => this.#send(step))
    const ends = [
      ...steps.map(({ at, wait }) => at + wait),
      ...faults.map((one) => one.at + (isState(one) ? 0 : one.length)),
    ]
    const quiet = Math.max(0, ...ends) + GRACE
    const end = this.#audit(quiet)
    await this.#time.run(end)
    for (const draft of this.#drafts)
      if (!draft.done) this.#finish(draft, 'unknown', draft.life?.dead ? 'killed' : 'no-answer')
  }

  exchanges(): Exchange[] {
    return this.#drafts
  }

  /** Every browser looks once more, on every backend; then every cookie that was ever given is tried. Returns when that is over. */
  #audit(from: number): number {
    const where = (backend: number) => (backend + 0.5) / this.#plan.backends
    for (let backend = 0; backend < this.#plan.backends; backend++) {
      this.#time.at(from + backend * 20, () => {
        for (const client of this.#browsers.keys()) this.#send(this.#look(client, where(backend)))
      })
    }
    this.#time.at(from + 200, () => {
      for (const [client, browser] of this.#browsers) {
        for (const crumb of browser.kept.values()) {
          if (crumb.session === browser.jar.session) continue
          this.#send({ ...this.#look(client, where(this.#nextId % this.#plan.backends)), cookie: 'old' }, crumb)
        }
      }
    })
    return from + 1500
  }

  #look(client: number, where: number): Step {
    const id = this.#nextId++
    const usual = { key: '', wait: 0, stream: false, lose: 'nothing', there: 1, back: 1, cookie: 'jar' } as const
    return { id, at: this.#time.now, client, act: 'all', where, ...usual }
  }

  #browser(client: number): Browser {
    const known = this.#browsers.get(client)
    if (known) return known
    const browser = new Browser()
    this.#browsers.set(client, browser)
    return browser
  }

  /** No two moments are the same, and a later one is later. */
  #now(): number {
    return this.#time.now + ++this.#moments * 1e-5
  }

  #send(step: Step, given?: Crumb): void {
    const browser = this.#browser(step.client)
    const crumb = given ?? browser.crumb(step.cookie)
    const ghost = step.cookie === 'old'
    const draft = this.#draft(step, crumb, ghost, touches(step, ghost))
    this.#drafts.push(draft)
    this.#time.after(step.there, () => void this.#serve(step, draft, crumb, browser))
  }

  async #serve(step: Step, draft: Draft, crumb: Crumb, browser: Browser): Promise<void> {
    const life = this.#backends.pick(step.where)
    if (!life) return this.#finish(draft, 'fail', 'refused')
    draft.life = life
    draft.backend = life.backend
    draft.boot = life.boot
    draft.began = this.#now()
    const served = life.subject.arrive(crumb.cookie)
    if (step.stream) this.#time.after(step.back, this.#head(step, draft, browser, served))
    let outcome: Outcome = 'ok'
    let error = ''
    let seen = draft.touches
    try {
      if (step.wait > 0) {
        if (step.act !== 'logout') await served.get(step.key)
        await this.#time.sleep(step.wait)
      }
      draft.acted = this.#now()
      seen = await handle(served, step, draft.touches)
    } catch (failure) {
      outcome = didNotHappen(failure) ? 'fail' : 'unknown'
      error = errorName(failure)
    }
    if (life.dead) return this.#finish(draft, 'unknown', 'killed')
    const headArrives = step.stream ? nothing : this.#head(step, draft, browser, served)
    const { behind, stale } = served.flags()
    const said = { behind, stale, under: served.id(), touches: seen }
    if (step.lose !== 'nothing') {
      // What was awaited is saved, whatever becomes of the response: that is the backend's own word. What was read, nobody has seen.
      if (draft.act !== 'read') Object.assign(draft, said)
      this.#time.after(step.back, headArrives)
      return this.#finish(draft, draft.act === 'read' ? 'unknown' : outcome, error || 'lost')
    }
    this.#time.after(step.back, () => {
      headArrives()
      Object.assign(draft, said)
      this.#finish(draft, outcome, error)
    })
  }

  /** The head of the response leaves. Returns its arrival. */
  #head(step: Step, draft: Draft, browser: Browser, served: Served): () => void {
    const cookie = served.head()
    if (step.lose === 'head') return nothing
    return () => {
      const session = sessionOf(cookie)
      draft.arrived = true
      draft.given = session
      if (step.cookie !== 'old') browser.keep({ cookie, from: draft.id, session })
    }
  }

  #finish(draft: Draft, outcome: Outcome, error: string): void {
    if (draft.done) return
    draft.done = true
    draft.finish = this.#now()
    draft.outcome = outcome
    draft.error = error
    if (draft.under === '') draft.under = draft.given || draft.sent
    const { id, client, cookieFrom, invoke, finish, behind, stale, backend } = draft
    const session = draft.under.slice(0, 6)
    draft.ops = draft.touches.map(({ kind, key, value }) => ({
      id,
      client,
      incarnation: 0,
      kind,
      key,
      value,
      invoke,
      finish,
      outcome,
      behind,
      stale,
      backend,
      cookieFrom,
      session,
      detail: error,
    }))
  }

  #draft(step: Step, crumb: Crumb, ghost: boolean, planned: readonly Touch[]): Draft {
    return {
      id: step.id,
      client: step.client,
      act:
        step.act === 'login' || step.act === 'logout'
          ? step.act
          : step.act === 'set' || step.act === 'add'
            ? 'write'
            : 'read',
      sent: crumb.session,
      cookieFrom: crumb.from,
      given: '',
      under: '',
      ghost,
      stream: step.stream,
      arrived: false,
      backend: -1,
      boot: -1,
      invoke: this.#now(),
      began: Number.POSITIVE_INFINITY,
      acted: Number.POSITIVE_INFINITY,
      finish: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
      error: '',
      behind: false,
      stale: false,
      ops: [],
      touches: planned,
      done: false,
      life: undefined,
    }
  }
}

function nothing(): void {}

/** It has no end, and its length is none of time. */
function isState({ kind }: FaultPlan): boolean {
  return kind === 'clock' || kind === 'jump'
}

function errorName(failure: unknown): string {
  const { code, message, applied } = Object(failure)
  if (typeof code === 'string') return applied === undefined ? code : `${code} ${applied}`
  return `crash: ${String(message ?? failure)}`
}
