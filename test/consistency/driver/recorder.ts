import { type Answer, monotonic, type Word } from '../backends/app.ts'
import type { Op } from '../history.ts'

/** Milliseconds after which a backend that has said nothing of a lost response will say nothing. */
const SILENT = 2000

/** Where the operations of all clients end up, and what backends say of requests whose responses were lost. */
export class Recorder {
  readonly ops: Op[] = []
  readonly #origin = monotonic()
  readonly #awaited = new Map<number, (answer: Answer | undefined) => void>()
  readonly #early = new Map<number, Answer>()
  readonly #silent: number
  #next = 1

  constructor(silent = SILENT) {
    this.#silent = silent
  }

  now(): number {
    return monotonic() - this.#origin
  }

  /** A moment that a backend named, as `now()` counts. */
  since(moment: unknown): number | undefined {
    return typeof moment === 'number' ? moment - this.#origin : undefined
  }

  nextId(): number {
    return this.#next++
  }

  hear({ witness, answer }: Word): void {
    const tell = this.#awaited.get(witness)
    if (tell) tell(answer)
    else this.#early.set(witness, answer)
  }

  /** What the backend says of this request; undefined when it says nothing (it was killed, or never received it). */
  async word(id: number): Promise<Answer | undefined> {
    const early = this.#early.get(id)
    if (early) return early
    let timer: NodeJS.Timeout | undefined
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.#awaited.set(id, resolve)
      timer = setTimeout(() => resolve(undefined), this.#silent)
    })
    clearTimeout(timer)
    this.#awaited.delete(id)
    return answer
  }
}
