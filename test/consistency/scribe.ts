import type { Fault, History, Kind, Op, Value } from './history.ts'

type Extra = Partial<Omit<Op, 'kind' | 'key' | 'value' | 'invoke' | 'finish'>>

/**
 * Writes histories by hand. Times are given as [sent, answered]; what is not said is client 0, session 1, ok, and the cookie of the request
 * written down before.
 */
export class Scribe {
  readonly ops: Op[] = []
  readonly faults: Fault[] = []

  write(key: string, value: string, times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('write', key, value, times, extra)
  }

  read(key: string, value: Value, times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('read', key, value, times, extra)
  }

  add(key: string, value: number, times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('add', key, value, times, extra)
  }

  logout(times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('logout', '', null, times, extra)
  }

  login(times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('login', '', null, times, extra)
  }

  /** The cookie that this login or logout had brought, sent again. */
  ghost(left: Op, key: string, value: Value, times: readonly [number, number], extra: Extra = {}): Op {
    return this.#note('ghost', key, value, times, { cookieFrom: left.cookieFrom, ...extra })
  }

  /** A fault after which acknowledged writes can be gone. */
  failover(start: number, end: number): void {
    this.faults.push({ name: 'failover', start, end, lossy: true })
  }

  history(): History {
    return { ops: this.ops, faults: this.faults }
  }

  #note(kind: Kind, key: string, value: Value, [invoke, finish]: readonly [number, number], extra: Extra): Op {
    const id = this.ops.length + 1
    const usual = {
      client: 0,
      incarnation: 1,
      outcome: 'ok',
      behind: false,
      stale: false,
      backend: 0,
      session: '',
      detail: '',
    } as const
    const op: Op = { id, kind, key, value, invoke, finish, ...usual, cookieFrom: id - 1 || -1, ...extra }
    this.ops.push(op)
    return op
  }
}
