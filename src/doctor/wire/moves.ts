import { answered, type Exchange, isRedirect, type Observations } from '../observations.ts'
import { type Affinity, decisiveCookies, holdsAll, valueIn, valueSent } from './affinity.ts'
import { identify } from './backends.ts'

/** A client that brought its cookie back and was answered by, or is now sent to, another backend. */
export interface Move {
  readonly after: Exchange | undefined
  readonly at: Exchange
  /** What happened before: a pause, a redirect, or nothing special. */
  readonly when: 'plain' | 'wait' | 'redirect'
  /** Told by who answered, or by the balancer's cookie, which names another backend than the one that came. */
  readonly told: 'answer' | 'cookie'
  readonly from: string
  readonly to: string
}

/** What each client asked, one after the other. Requests at the same time have no order; upgrades are judged apart. */
export function histories(seen: Observations): readonly (readonly Exchange[])[] {
  const byClient = new Map<string, Exchange[]>()
  for (const exchange of answered(seen)) {
    if (exchange.probe === 'parallel' || exchange.probe === 'upgrade') continue
    const history = byClient.get(exchange.client)
    if (history) history.push(exchange)
    else byClient.set(exchange.client, [exchange])
  }
  return [...byClient.values()]
}

/** All moves of clients that held what decides where they go. */
export function moves(seen: Observations): readonly Move[] {
  const decisive = decisiveCookies(seen)
  const { of } = identify(seen)
  return histories(seen).flatMap((history) =>
    history.flatMap((at, index) => {
      if (!holdsAll(at, decisive)) return []
      const after = history[index - 1]
      const move = byAnswer(after, at, of) ?? byCookie(at, decisive)
      return move ? [{ ...move, after, at, when: whenOf(after, at) }] : []
    }),
  )
}

type Told = Pick<Move, 'told' | 'from' | 'to'>

function byAnswer(
  after: Exchange | undefined,
  at: Exchange,
  of: (exchange: Exchange) => string | undefined,
): Told | undefined {
  const from = after && of(after)
  const to = of(at)
  return from !== undefined && to !== undefined && from !== to ? { told: 'answer', from, to } : undefined
}

function byCookie(at: Exchange, cookies: readonly Affinity[]): Told | undefined {
  for (const { name, key } of cookies) {
    const [sent, given] = [valueSent(at, name), valueIn(at, name)]
    const from = sent === undefined ? undefined : key(sent)
    const to = given === undefined ? undefined : key(given)
    if (from !== undefined && to !== undefined && from !== to) return { told: 'cookie', from, to }
  }
  return undefined
}

function whenOf(after: Exchange | undefined, at: Exchange): Move['when'] {
  if (at.idle > 0) return 'wait'
  return isRedirect(at) || (after && isRedirect(after)) ? 'redirect' : 'plain'
}

/** Moves for which nothing else accounts: the balancer does not follow the cookie. */
export function plainMoves(seen: Observations): readonly Move[] {
  return moves(seen).filter(({ when }) => when === 'plain')
}
