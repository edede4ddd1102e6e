import type { Events } from '../ports/events.ts'
import type { Sticky } from '../ports/sticky.ts'
import type { Texts } from '../ports/texts.ts'
import type { Settle } from './conflict.ts'
import { Ledger, type Now } from './ledger.ts'
import { tooMany } from './refusals.ts'

/** After so many of these it asks to be let through. */
const CLAIM_AFTER = 3
/** How often a write begins anew when others are quicker. */
const ATTEMPTS = 20

/** Writes what became of one request's session. Saves come one after the other. */
export class Saver {
  readonly ledger: Ledger
  /** The session has a new id, and what it held under the old one is not to go along. */
  anew = false
  /** This request has written, so that something is stored. */
  wrote = false
  readonly #sticky: Sticky
  readonly #texts: Texts
  readonly #emit: Events['emit']
  /** What is under way. */
  #turn: Promise<unknown> | undefined

  /** `looksKey`: under which the session's own cookie attributes are stored. */
  constructor(sticky: Sticky, texts: Texts, rules: { settle: Settle; emit: Events['emit'] }, looksKey: string) {
    this.#sticky = sticky
    this.#texts = texts
    this.#emit = rules.emit
    this.ledger = new Ledger(rules.settle, looksKey)
  }

  /** Resolves when nothing is under way, whatever became of it. Undefined: nothing is. */
  idle(): Promise<void> | undefined {
    return this.#turn?.then(nothing, nothing)
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn ? this.#turn.then(work, work) : work()
    this.#turn = mine
    const done = () => {
      if (this.#turn === mine) this.#turn = undefined
    }
    mine.then(done, done)
    return mine
  }

  /** To be called in its turn. */
  async save(now: Now): Promise<void> {
    const draft = this.ledger.draft(now, this.anew)
    let edit = this.ledger.edit(draft)
    for (let attempt = 1, next: string | undefined; edit; attempt++) {
      const others = await this.#texts.write({ ...edit, next })
      if (!others) {
        this.wrote = true
        this.anew = false
        break
      }
      if (attempt === ATTEMPTS) throw tooMany(ATTEMPTS)
      const contested = this.ledger.found(others, edit)
      if (attempt >= CLAIM_AFTER) next = contested
      edit = this.ledger.edit(draft)
    }
    this.ledger.done(draft, edit)
    if (draft.clashes.size > 0) this.#emit({ type: 'conflict', id: this.#sticky.id, paths: [...draft.clashes] })
  }
}

function nothing(): void {}
