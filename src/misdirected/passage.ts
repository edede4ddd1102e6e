import type { ServerResponse } from 'node:http'
import type { Passed, Passing, Raw } from '../ports/misdirected.ts'
import { answer } from './answers.ts'

export type RawRequest = Raw & { readonly kind: 'request' }

/**
 * One request under way to its owner, whatever carries it: it is sent once, and the client gets one answer, which may
 * be broken off.
 */
export abstract class Passage {
  protected readonly raw: RawRequest
  protected readonly passing: Passing
  /** Something of it was, or may have been, sent. */
  protected isSent = false
  /** That of the owner's answer, when its head has come. */
  protected status: number | undefined
  protected isOver = false
  readonly #settle: (passed: Passed) => void

  constructor(raw: RawRequest, passing: Passing, settle: (passed: Passed) => void) {
    this.raw = raw
    this.passing = passing
    this.#settle = settle
    raw.response.once('close', () => this.#left())
  }

  /** Ends what is under way. */
  protected abstract breakOff(why: string): void

  /** Takes the client's body away from what carries it. */
  protected abstract keepBody(): void

  /**
   * The owner is gone, or has broken off. What was sent is not sent again, to nobody: the owner may have done what it
   * asked for.
   */
  lost(status: 502 | 504): void {
    if (this.isOver) return
    if (!this.isSent) {
      this.breakOff('the owner is gone')
      this.over({ outcome: 'unreachable' })
      return
    }
    this.over({ outcome: 'broken', status: this.status ?? status })
    if (this.status !== undefined) this.raw.response.destroy()
    else {
      this.keepBody()
      const text = 'the backend that this request belongs to did not answer; it may have done what was asked\n'
      // No cookie: meanwhile the owner may have given the client a newer one, or have ended the session.
      answer(this.raw, status, text, {}, undefined)
    }
    this.breakOff('the owner is gone')
  }

  /** It could not be sent, or the owner has broken off. */
  protected failed(): void {
    if (this.isSent) this.lost(502)
    else this.over({ outcome: 'unreachable' })
  }

  /** The client has its answer, or has gone away. */
  #left(): void {
    if (this.isOver) return
    const done = this.raw.response.writableFinished
    this.over({ outcome: done ? 'answered' : 'aborted', status: this.status })
    if (!done) this.breakOff('the client is gone')
  }

  protected inform(status: number, headers: Readonly<Record<string, unknown>>): void {
    const response = this.raw.response as ServerResponse
    if (this.isOver || response.headersSent) return
    if (status === 103 && headers.link !== undefined) response.writeEarlyHints(headers as { link: string })
    if (status === 102) response.writeProcessing?.()
  }

  protected over(passed: Passed): void {
    if (this.isOver) return
    this.isOver = true
    this.#settle(passed)
  }
}
