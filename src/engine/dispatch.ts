import type { Extract } from '../core/carriers.ts'
import type { Decision } from '../core/decide.ts'
import type { OwnedIds } from '../core/owned-id.ts'
import { type Policy, type Route, route } from '../core/route.ts'
import { timingEntry } from '../core/server-timing.ts'
import { NOBODY } from '../core/token.ts'
import type { Registry } from '../ports/backends.ts'
import type { Away, Outcome, RoutedArrival } from '../ports/exchange.ts'
import type { FollowHop, OurCookie, Passed, Peer, Policies, Raw } from '../ports/misdirected.ts'
import { adopted, judge, serve } from './handle-request.ts'
import type { HopGate } from './process/hop-gate.ts'
import type { OpenRequests } from './process/open-requests.ts'
import type { Presence } from './process/presence.ts'
import type { SignedToken } from './process/token-cache.ts'
import type { Owner } from './request/tokens.ts'
import type { Services } from './services.ts'

/** What it takes to send requests home. */
export interface Homing {
  readonly presence: Presence
  readonly registry: Registry
  readonly gate: HopGate
  readonly ids: OwnedIds
  readonly extract: Extract | undefined
  readonly policies: Policies
  readonly open: OpenRequests
  readonly follow: FollowHop
  policyFor(arrival: RoutedArrival): Policy
  /** Has a proxy replayed this request already? */
  isReplayed(headers: RoutedArrival['headers']): boolean
}

/** Milliseconds for which an adoption is known: clients have the new owner's cookie by then. */
const ADOPTION = 60_000

/** Whom a request belongs to. */
interface Home {
  readonly boot: string
  readonly by: 'cookie' | 'carrier'
}

/** One request where requests may belong to other backends: here, or home. Never throws. */
export function createDispatch(services: Services, homing: Homing): (arrival: RoutedArrival) => Outcome | Away {
  return (arrival) => {
    const { verdict, hop } = homing.gate.take(arrival)
    if (verdict !== 'none' && hop === undefined) {
      services.events.emit({ type: 'hop-rejected', reason: verdict as 'replayed' })
    }
    const judgement = judge(services, arrival.cookieHeader)
    const { decision, signed } = judgement
    const here = (signs: Signs): Outcome => {
      const outcome = serve(
        services,
        signs === 'now' ? { ...judgement, decision: adopted(decision) } : judgement,
        arrival.cookieHeader,
        signerFor(services, decision, signs),
      )
      const { id } = outcome.sticky
      return { ...outcome, from: hop, opened: (breakOff) => homing.open.begin(id, breakOff) }
    }
    const home = homeOf(homing, arrival, decision)
    if (home === undefined) return here('here')
    if (home.boot === services.boot && home.by === 'cookie') return here('here')
    const isFromPeer = hop !== undefined || verdict === 'not-for-us'
    const policy = isFromPeer ? 'forward' : homing.policyFor(arrival)
    const passedOn = isFromPeer || (policy === 'replay' && homing.isReplayed(arrival.headers))
    const journey = new Journey(services, homing, { arrival, decision, signed, policy, passedOn, here })
    const first = journey.routeTo(home)
    if (first.kind === 'serve') return here(first.signs)
    return { kind: 'away', passOn: (raw) => journey.go(raw, home, first) }
  }
}

const NO_FIELDS = {}

type Signs = (Route & { kind: 'serve' })['signs']

function signerFor(services: Services, decision: Decision, signs: Signs): Owner {
  if (signs !== 'there' || decision.kind !== 'resume') return services
  return { backend: decision.token.owner, boot: decision.token.boot }
}

/**
 * An id that a carrier brings decides over the cookie, whose session is then left alone; also one that leads nowhere.
 * Undefined: nobody's.
 */
function homeOf({ extract, ids }: Homing, arrival: RoutedArrival, decision: Decision): Home | undefined {
  const id = extract?.(arrival)
  if (id !== undefined) return { boot: ids.ownerOf(id) ?? NOBODY.boot, by: 'carrier' }
  return decision.kind === 'resume' ? { boot: decision.token.boot, by: 'cookie' } : undefined
}

interface Trip {
  readonly arrival: RoutedArrival
  readonly decision: Decision
  readonly signed: SignedToken | undefined
  readonly policy: Policy
  readonly passedOn: boolean
  readonly here: (signs: Signs) => Outcome
}

/** A request that has to go somewhere, or to find out where. */
class Journey {
  readonly #services: Services
  readonly #homing: Homing
  readonly #trip: Trip

  constructor(services: Services, homing: Homing, trip: Trip) {
    this.#services = services
    this.#homing = homing
    this.#trip = trip
  }

  routeTo({ boot, by }: Home): Route {
    const { decision, passedOn, policy } = this.#trip
    const owner =
      boot === this.#services.boot ? 'here' : boot === NOBODY.boot ? 'nobody' : this.#homing.presence.stateOf(boot)
    const hasStored = decision.kind === 'resume' && decision.token.version > 0
    return route({ policy, owner, by, passedOn, hasStored })
  }

  async go(raw: Raw, home: Home, first: Route): Promise<Outcome | undefined> {
    let next = first
    if (next.kind === 'ask') {
      await this.#homing.presence.ask()
      next = this.routeTo(home)
    }
    if (next.kind === 'adopt') return this.#adopt(raw, home)
    return this.#carryOut(raw, home, next)
  }

  async #carryOut(raw: Raw, home: Home, route: Route): Promise<Outcome | undefined> {
    const { here } = this.#trip
    const { policies, presence } = this.#homing
    if (route.kind === 'serve') return here(route.signs)
    const cookie = this.#cookie()
    if (route.kind === 'reject') return void policies.reject(raw, route.status, cookie)
    const peer = presence.peer(home.boot)
    if (peer === undefined || (route.kind !== 'forward' && route.kind !== 'replay')) return here('there')
    if (route.kind === 'replay') return void policies.replay(raw, peer, cookie)
    return peer.url === '' ? here('there') : this.#forward(raw, peer)
  }

  async #forward(raw: Raw, peer: Peer): Promise<Outcome | undefined> {
    const { config, events, steady } = this.#services
    const { arrival, here } = this.#trip
    const { gate, open, policies, follow } = this.#homing
    const hop = gate.sign(peer.boot, arrival.connection(), arrival)
    const followed = follow({ to: peer.id, method: arrival.method, headers: arrival.headers })
    const began = steady()
    const timing = config.debug ? () => timingEntry('limpet-hop', 'forward', peer.boot, steady() - began) : undefined
    const closed = open.begin('', () => void (raw.kind === 'request' ? raw.response : raw.socket).destroy())
    let passed: Passed = { outcome: 'broken' }
    try {
      passed = await policies.forward(raw, peer, { hop, timing, trace: followed?.fields ?? NO_FIELDS })
    } finally {
      closed()
      for (const end of followed?.onEnd ?? []) end(passed)
    }
    const { outcome, status } = passed
    events.emit({ type: 'forward', to: peer.id, outcome, status, ms: steady() - began })
    return outcome === 'unreachable' ? here('there') : undefined
  }

  /** For an answer that is made here: the client's own, and what tells the load balancer where it leads. */
  #cookie(): OurCookie {
    const { arrival, signed } = this.#trip
    if (signed === undefined) return undefined
    const { tokens, hints } = this.#services
    const { encrypted } = arrival.connection()
    const hint = hints?.header(arrival.cookieHeader, signed.token.boot, encrypted)
    const cookie = tokens.header(signed, encrypted)
    return hint === undefined ? cookie : [cookie, hint]
  }

  /** Parallel requests at several backends find one new owner. While the registry is away nobody becomes one. */
  async #adopt(raw: Raw, home: Home): Promise<Outcome | undefined> {
    const { decision, here, passedOn } = this.#trip
    const { boot, events } = this.#services
    if (decision.kind !== 'resume') return here('here')
    const { id, owner } = decision.token
    let instead = home.boot
    // The one who was first may be gone as well by now.
    for (let i = 0; i < 2; i++) {
      const winner = await this.#homing.registry.adopt(id, { by: boot, instead, ttl: ADOPTION }).catch(() => undefined)
      if (winner === undefined) return here('there')
      if (winner === boot) {
        events.emit({ type: 'adopt', id, from: owner })
        return here('now')
      }
      const next: Home = { boot: winner, by: 'cookie' }
      let route = this.routeTo(next)
      if (route.kind === 'ask') {
        await this.#homing.presence.ask()
        route = this.routeTo(next)
      }
      if (route.kind !== 'adopt') return passedOn ? here('there') : this.#carryOut(raw, next, route)
      instead = winner
    }
    return here('there')
  }
}
