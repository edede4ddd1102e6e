import type { Exchange, ExchangeHistory } from './exchange.ts'

/** Milliseconds after a change of id in which the holder of the old id may not have the new one yet. */
export const MOVE_WINDOW = 10_000

/** A login that left one id for another. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly login: Exchange
}

/** Which ids are one session: a login leads from one to the next, and two logins from the same id make a fork. */
export class Tree {
  readonly byId: ReadonlyMap<number, Exchange>
  readonly idleTimeout: number
  readonly setBack: readonly number[]
  readonly #into = new Map<string, Move>()
  readonly #logins = new Map<string, Exchange[]>()
  readonly #logouts = new Map<string, Exchange[]>()
  readonly #writes: readonly Exchange[]

  constructor({ exchanges, idleTimeout, setBack = [] }: ExchangeHistory) {
    this.idleTimeout = idleTimeout
    this.setBack = setBack
    this.byId = new Map(exchanges.map((one) => [one.id, one]))
    this.#writes = exchanges.filter(({ act, outcome }) => (act === 'write' || act === 'login') && outcome !== 'fail')
    for (const one of exchanges) {
      const { act, sent, given } = one
      if (sent === '') continue
      if (act === 'logout') push(this.#logouts, sent, one)
      if (act !== 'login') continue
      push(this.#logins, sent, one)
      if (given !== '' && given !== sent) this.#into.set(given, { from: sent, to: given, login: one })
    }
  }

  into(id: string): Move | undefined {
    return this.#into.get(id)
  }

  /** All logins that brought this id, whatever became of them. */
  loginsFrom(id: string): readonly Exchange[] {
    return this.#logins.get(id) ?? []
  }

  /** The id and those that it may have come from, the newest first. */
  ancestry(id: string): string[] {
    const ids = [id]
    for (let move = this.into(id); move && !ids.includes(move.from); move = this.into(move.from)) ids.push(move.from)
    return ids
  }

  /** The moves on the way from an older id to this one, the first one first; undefined: there is no such way. */
  way(from: string, to: string): Move[] | undefined {
    const moves: Move[] = []
    for (let id = to; id !== from; ) {
      const move = this.into(id)
      if (!move || moves.length > 100) return undefined
      moves.unshift(move)
      id = move.from
    }
    return moves
  }

  /** The id from which two others both came, by different logins, and the moves to them. */
  fork(one: string, other: string): { readonly from: string; readonly moves: Move[] } | undefined {
    const ids = this.ancestry(other)
    const from = this.ancestry(one).find((id) => ids.includes(id))
    if (from === undefined || from === one || from === other) return undefined
    return { from, moves: [...(this.way(from, one) ?? []), ...(this.way(from, other) ?? [])] }
  }

  /** Logouts that may have ended this session before `time`, whatever became of them. */
  logoutsBefore(id: string, time: number): Exchange[] {
    return this.ancestry(id).flatMap((one) => (this.#logouts.get(one) ?? []).filter(({ invoke }) => invoke < time))
  }

  /** Of this session and of all that have their first id in common with it: a logout may end what else the session went on as. */
  logoutsAround(id: string, time: number): Exchange[] {
    const first = this.ancestry(id).at(-1)
    return [...this.#logouts].flatMap(([sent, logouts]) =>
      this.ancestry(sent).at(-1) === first ? logouts.filter(({ invoke }) => invoke < time) : [],
    )
  }

  /** Had this session certainly stored something before `time`? */
  holdsSomething(id: string, time: number): boolean {
    const ids = this.ancestry(id)
    return this.#writes.some((one) => one.outcome === 'ok' && one.finish < time && ids.includes(one.under))
  }

  /** Was this id given by a login that may not have happened? Then it leads nowhere, if another login was faster. */
  isDoubtful(id: string): boolean {
    const move = this.into(id)
    return move !== undefined && move.login.outcome !== 'ok' && !this.carries(move)
  }

  loginsBefore(id: string, time: number): Exchange[] {
    return this.loginsFrom(id).filter(({ invoke }) => invoke < time)
  }

  /** Was this request sent, and done, while the session that its cookie names was certainly within its idle timeout, and has been all the time? */
  isActive({ cookieFrom, finish, sent }: Exchange): boolean {
    let until = finish
    for (let source = this.byId.get(cookieFrom); source; source = this.byId.get(source.cookieFrom)) {
      const began = source.sent !== sent
      // A backend that has not asked for the time yet goes on with a session, also with one whose time is over, and renews nothing.
      const renewed = source.outcome === 'ok' && !source.stale && !source.stream
      if (!began && !renewed) continue
      // A token is signed anew only after a twentieth of the timeout, and counts in full milliseconds or seconds.
      if (until - source.began >= this.idleTimeout * 0.9) return false
      if (began) return true
      until = source.finish
    }
    return false
  }

  /** Did this move certainly take along what the session held? */
  carries(move: Move): boolean {
    return this.isMove(move) && this.logoutsAround(move.from, move.login.finish).length === 0
  }

  /** The same, unless the session had ended before. Otherwise the login may have begun a new session. */
  isMove({ from, login }: Move): boolean {
    if (!this.isActive(login) || login.stream) return false
    // What is in doubt may never have been done, or is done when its cookie is used: another may come before that at any time.
    const until = login.outcome === 'ok' ? login.finish : Number.POSITIVE_INFINITY
    const others = this.loginsBefore(from, until).filter((other) => other !== login)
    if (others.length === 0) return true
    if (this.setBack.some((at) => at <= login.finish && others.some((other) => at >= other.invoke))) return false
    // Whoever began before the other one moved takes along what moved then, if its cookie had seen that version, and if it did so at once.
    const isFirst = others.every((other) => login.began < other.acted)
    return isFirst && login.outcome === 'ok' && this.#hasSeenAll(login, from)
  }

  /** Had the session certainly left the id that this login brought, when it was answered? Where it may have ended before, that began another one. */
  hasLeft(login: Exchange): boolean {
    const { sent, outcome, finish } = login
    return outcome === 'ok' && this.isActive(login) && this.logoutsAround(sent, finish).length === 0
  }

  #hasSeenAll(login: Exchange, from: string): boolean {
    const ids = this.ancestry(from)
    const mine = this.#writes.filter((one) => one !== login && (ids.includes(one.under) || ids.includes(one.sent)))
    return mine.every((write) => (write.act === 'login' && write.sent === from) || this.#carried(login, write))
  }

  /** As `carried` of the checker for one key. */
  #carried(later: Exchange, earlier: Exchange): boolean {
    let source = this.byId.get(later.cookieFrom)
    while (source) {
      if (source.id === earlier.id) return earlier.outcome === 'ok' && !earlier.stream
      if (source.invoke <= earlier.finish) return false
      source = this.byId.get(source.cookieFrom)
    }
    return false
  }
}

export function push<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key)
  if (list) list.push(item)
  else map.set(key, [item])
}
