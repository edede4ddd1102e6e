import type { StartReason } from '../../core/decide.ts'
import type { Session, Sticky } from '../../ports/sticky.ts'
import type { Texts } from '../../ports/texts.ts'
import { letDetach } from './facade.ts'
import { RequestData } from './session.ts'
import type { RequestState } from './state.ts'

/** What stands on the request. It shows what `Sticky` promises, and leads nowhere else. */
export class RequestSession implements Sticky {
  readonly #state: RequestState
  #data: RequestData | undefined

  static {
    letDetach(RequestSession.prototype, ['regenerate', 'lifetime', 'label'])
  }

  constructor(state: RequestState) {
    this.#state = state
  }

  /** Its data as texts, for the rest of this package. */
  static texts(session: RequestSession): Texts {
    return RequestData.texts(session.#requestData)
  }

  get id(): string {
    return this.#state.id
  }

  get state(): 'new' | 'resumed' | 'adopted' {
    return this.#state.state
  }

  get reason(): StartReason | 'valid' {
    return this.#state.reason
  }

  get owner(): string {
    return this.#state.owner
  }

  get backend(): string {
    return this.#state.services.backend
  }

  get misdirected(): boolean {
    return this.#state.misdirected
  }

  get session(): Session {
    return this.#requestData.session
  }

  regenerate(values?: object): Promise<void> {
    return this.#requestData.regenerate(values)
  }

  lifetime(duration: number | string | null): Promise<void> {
    return this.#requestData.lifetime(duration)
  }

  label(label: string | null): Promise<void> {
    return this.#requestData.label(label)
  }

  get #requestData(): RequestData {
    this.#data ??= new RequestData(this.#state)
    return this.#data
  }

  /** For JSON.stringify. */
  toJSON() {
    const { id, state, reason, owner, backend, misdirected } = this
    return { id, state, reason, owner, backend, misdirected }
  }

  /** For console.log. */
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return this.toJSON()
  }
}
