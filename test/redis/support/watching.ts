import type { End, Store } from '../../../src/ports/store.ts'
import { until } from '../../support/until.ts'

/** What a store tells, written down. */
export class Watching {
  readonly told: string[] = []
  readonly warnings: { readonly code: string; readonly message: string }[] = []
  readonly #isUp: boolean[] = []
  readonly stop: () => void

  constructor(store: Store) {
    const channel = () => {
      const at = this.#isUp.push(false) - 1
      return {
        changed: (id: string) => void this.told.push(`changed ${id}`),
        ended: (id: string, end: End) => void this.told.push(`${end} ${id}`),
        up: () => {
          this.#isUp[at] = true
          this.told.push('up')
        },
        down: () => {
          this.#isUp[at] = false
          this.told.push('down')
        },
      }
    }
    const warn = (code: string, message: string) => void this.warnings.push({ code, message })
    this.stop = store.watch?.({ channel, warn }) ?? (() => undefined)
  }

  get isTrusted(): boolean {
    return this.#isUp.length > 0 && this.#isUp.every((up) => up)
  }

  trusted(): Promise<boolean> {
    return until(() => this.isTrusted, 'what changes is told')
  }

  /** What has been told since the last time. */
  take(): string[] {
    return this.told.splice(0)
  }
}
