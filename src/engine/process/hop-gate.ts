import { HOP_HEADER, HOP_WINDOW, type Hop, type HopRequest, readHop, writeHop } from '../../core/hop.ts'
import type { PurposeKeys } from '../../core/purpose-keys.ts'
import type { Clock } from '../../ports/clock.ts'

/**
 * What became of the hop header of a request. `ours`: a peer has passed it on to this backend, now and for the first
 * time.
 */
export type HopVerdict = 'none' | 'ours' | 'bad-signature' | 'not-for-us' | 'out-of-time' | 'replayed'

interface Headed extends HopRequest {
  readonly headers: Record<string, string | string[] | undefined>
  readonly rawHeaders?: string[]
}

/**
 * Lets in what peers pass on, each once, and takes the header away from everything: nothing behind it sees one, whoever
 * wrote it.
 */
export class HopGate {
  readonly #keys: PurposeKeys
  readonly #boot: string
  readonly #now: Clock
  readonly #nonce: () => string
  /** Two windows of nonces, so that each is known for at least one. */
  #seen = new Set<string>()
  #seenBefore = new Set<string>()
  #turnedAt: number

  constructor(keys: PurposeKeys, boot: string, now: Clock, nonce: () => string) {
    this.#keys = keys
    this.#boot = boot
    this.#now = now
    this.#nonce = nonce
    this.#turnedAt = now()
  }

  /** The header for a request that goes to a peer. */
  sign(to: string, from: Pick<Hop, 'address' | 'port' | 'encrypted'>, request: HopRequest): string {
    return writeHop({ ...from, to, at: this.#now(), nonce: this.#nonce() }, request, this.#keys)
  }

  take(request: Headed): { readonly verdict: HopVerdict; readonly hop: Hop | undefined } {
    const value = request.headers[HOP_HEADER]
    if (value === undefined) return NONE
    const hop = readHop(String(value), request, this.#keys)
    strip(request)
    const verdict = hop === undefined ? 'bad-signature' : this.#judge(hop)
    return { verdict, hop: verdict === 'ours' ? hop : undefined }
  }

  #judge({ to, at, nonce }: Hop): HopVerdict {
    if (to !== this.#boot) return 'not-for-us'
    const now = this.#now()
    if (Math.abs(now - at) > HOP_WINDOW) return 'out-of-time'
    // One from a clock that is ahead is good until the end of its window here.
    if (Math.abs(now - this.#turnedAt) > 2 * HOP_WINDOW) {
      this.#seenBefore = this.#seen
      this.#seen = new Set()
      this.#turnedAt = now
    }
    if (this.#seen.has(nonce) || this.#seenBefore.has(nonce)) return 'replayed'
    this.#seen.add(nonce)
    return 'ours'
  }
}

const NONE = { verdict: 'none', hop: undefined } as const

/** From both lists: some libraries read only the raw one. */
function strip({ headers, rawHeaders = [] }: Headed): void {
  delete headers[HOP_HEADER]
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if (rawHeaders[i]?.toLowerCase() === HOP_HEADER) rawHeaders.splice(i, 2)
  }
}
