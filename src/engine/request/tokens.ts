import { UNKNOWN_TIME } from '../../core/lifetime.ts'
import type { Token } from '../../core/token.ts'
import type { SignedToken } from '../process/token-cache.ts'
import type { Services } from '../services.ts'

/** In whose name a token is signed. */
export interface Owner {
  readonly backend: string
  readonly boot: string
}

/** The token of a session that begins here. */
export function newToken({ backend, boot, clock }: Services, id: string): Token {
  const now = clock.isMeasured() ? clock.now() : UNKNOWN_TIME
  return {
    id,
    owner: backend,
    boot,
    version: 0,
    createdAt: now,
    touchedAt: 0,
    issuedAt: now,
    lifetime: undefined,
    pendingFrom: undefined,
  }
}

export function signToken({ clock, tokens }: Services, token: Token, { backend, boot }: Owner): SignedToken {
  const { createdAt, issuedAt, version } = token
  // As long as nobody has asked the store's clock, times stay as they are: our own may be off by days. Where something
  // is stored it has to do.
  const isKnown = clock.isMeasured() || (version > 0 && issuedAt === UNKNOWN_TIME)
  const now = isKnown ? clock.now() : UNKNOWN_TIME
  return tokens.sign({ ...token, owner: backend, boot, issuedAt: now || issuedAt, createdAt: createdAt || now })
}
