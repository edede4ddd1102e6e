import { type PeerRecord, type Phase, readRecord, writeRecord } from '../../core/peer-record.ts'
import type { PurposeKeys } from '../../core/purpose-keys.ts'
import type { OwnerState } from '../../core/route.ts'
import type { Registry } from '../../ports/backends.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Peer } from '../../ports/misdirected.ts'
import { EndOfPeer } from './end.ts'

/** Milliseconds between two heartbeats. */
export const HEARTBEAT = 2000
/** Milliseconds after which every backend that the registry answers has read what the others say of themselves. */
export const HEARD_WITHIN = HEARTBEAT + 500
/** Milliseconds without a heartbeat after which a backend counts as gone: three were missed. */
const GONE_AFTER = 3 * HEARTBEAT + 500
/** Milliseconds after which the registry drops a record. */
const FORGET = 60_000
/**
 * Milliseconds between two questions about backends that nobody knows: a client that makes such ids up must not cause
 * more.
 */
const ASK_AGAIN = 250
/** Milliseconds for which the registry may be silent before nobody is taken for gone any more. */
const AWAY_AFTER = 2 * HEARTBEAT

const STATES = { serving: 'alive', draining: 'draining', leaving: 'gone' } as const

interface Known {
  record: PeerRecord
  gone: EndOfPeer
  /** When it was last heard of, on the steady clock. */
  heardAt: number
}

/** Which backends there are, as far as this one knows: asking costs a request nothing. */
export class Presence {
  readonly #registry: Registry
  readonly #keys: PurposeKeys
  readonly #steady: Clock
  readonly #peers = new Map<string, Known>()
  readonly #startedAt: number
  #self: PeerRecord
  #timer: NodeJS.Timeout | undefined
  #answeredAt = Number.NEGATIVE_INFINITY
  /** Since when the registry answers without a gap. During a gap nobody could renew anything. */
  #answersSince = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined
  #isOver = false
  /** Told once for every backend that comes or goes, and of two that announce one url. */
  onChange: (change: 'up' | 'down' | 'same-url', id: string) => void = () => undefined
  /** The registry did not answer. */
  onFailure: (error: Error) => void = () => undefined

  constructor(registry: Registry, keys: PurposeKeys, steady: Clock, self: PeerRecord) {
    this.#registry = registry
    this.#keys = keys
    this.#steady = steady
    this.#self = self
    this.#startedAt = steady()
  }

  /** This backend is known to the registry, and takes new sessions. */
  get isReady(): boolean {
    return this.#hasAnswered && this.#self.phase === 'serving' && !this.#isOver
  }

  get #hasAnswered(): boolean {
    return this.#answeredAt !== Number.NEGATIVE_INFINITY
  }

  /**
   * Announces this backend, at once and with each heartbeat. `url`: where peers reach it, where it was not known
   * before.
   */
  start(url = this.#self.url): Promise<void> {
    this.#self = { ...this.#self, url }
    return this.#beat()
  }

  /** Peers learn of it with their next heartbeat, so within `HEARTBEAT` milliseconds. */
  enter(phase: Phase): Promise<void> {
    this.#self = { ...this.#self, phase }
    return this.#beat()
  }

  stateOf(boot: string): OwnerState {
    const known = this.#peers.get(boot)
    if (known && this.#isFresh(known)) return STATES[known.record.phase]
    const now = this.#steady()
    if (now - this.#answeredAt > AWAY_AFTER) return known ? 'alive' : 'away'
    if (known) return 'gone'
    return now - this.#askedAt > ASK_AGAIN ? 'unknown' : 'gone'
  }

  /** Undefined: nobody has heard of it. Its `url` is empty where it cannot be reached. */
  peer(boot: string): Peer | undefined {
    const known = this.#peers.get(boot)
    if (!known) return undefined
    const { id, url = '', hint } = known.record
    return { boot, id, url, hint, gone: known.gone }
  }

  /** Asks the registry now; whoever asks meanwhile shares the answer. Never rejects. */
  ask(): Promise<void> {
    this.#asking ??= this.#announce().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async close(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.#asking
    await this.#registry.withdraw(this.#self.boot).catch(() => undefined)
    await this.#registry.close?.()
  }

  /** It has been heard of, or had no time for three heartbeats since the registry answers again. */
  #isFresh({ heardAt }: Known): boolean {
    return this.#steady() - Math.max(heardAt, this.#answersSince) < GONE_AFTER
  }

  async #beat(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#asking
    await this.ask()
    if (!this.#isOver) this.#timer = setTimeout(() => void this.#beat(), HEARTBEAT).unref()
  }

  async #announce(): Promise<void> {
    const { boot } = this.#self
    const began = this.#steady()
    try {
      const all = await this.#registry.announce(boot, writeRecord(this.#self, this.#keys), { forget: FORGET })
      // What was asked before counts as known from then on.
      this.#askedAt = began
      const now = this.#steady()
      if (this.#hasAnswered && now - this.#answeredAt > AWAY_AFTER) this.#answersSince = now
      this.#answeredAt = now
      for (const { age, record, boot } of all) this.#heard(readRecord(record, this.#keys), boot, now - age)
      this.#sweep()
    } catch (error) {
      this.onFailure(error as Error)
    }
  }

  #heard(record: PeerRecord | undefined, boot: string, heardAt: number): void {
    // Somebody without our secret has written it, or has copied the record of another.
    if (record === undefined || record.boot !== boot || boot === this.#self.boot) return
    const { url } = record
    // It renews its record while this one lives: so it is no earlier life of this process.
    if (url !== undefined && url === this.#self.url && heardAt > this.#startedAt + HEARTBEAT / 2) {
      this.onChange('same-url', record.id)
    }
    const known = this.#peers.get(boot)
    if (!known) {
      if (this.#steady() - heardAt >= GONE_AFTER) return
      this.#peers.set(boot, { record, heardAt, gone: new EndOfPeer() })
      this.onChange('up', record.id)
      return
    }
    if (known.gone.hasCome && this.#steady() - heardAt < GONE_AFTER) {
      known.gone = new EndOfPeer()
      this.onChange('up', record.id)
    }
    known.record = record
    known.heardAt = Math.max(known.heardAt, heardAt)
  }

  /** Only after an answer: as long as nobody can renew its record, nobody is gone. */
  #sweep(): void {
    const now = this.#steady()
    for (const [boot, known] of this.#peers) {
      if (this.#isFresh(known)) continue
      if (!known.gone.hasCome) {
        known.gone.come()
        this.onChange('down', known.record.id)
      }
      if (now - known.heardAt > FORGET) this.#peers.delete(boot)
    }
  }
}
