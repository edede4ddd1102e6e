import { newest } from '../../core/decide.ts'
import { endingOf } from '../../core/lifetime.ts'
import { NOBODY, type Token } from '../../core/token.ts'
import type { SignedToken } from '../process/token-cache.ts'
import type { Services } from '../services.ts'

/**
 * A response has one cookie of a service behind this application, perhaps a few; a head full of them must not buy a
 * signature check for each.
 */
const MOST_CHECKS = 8

/**
 * The application is a gateway, and has put cookies of our name on its response that a service behind it, which uses
 * limpet too, has signed. Returns the one that is to go to the client in the place of our own; undefined: none is. What
 * has seen more of this very session always is. One of another session, as after a login or logout at the service, only
 * when the application names its owner in `upstreams`, and when this request itself has not changed the session
 * (`isOwn`): a cookie of somebody else's session is as genuine as any.
 */
export function relayedToken(
  services: Services,
  own: Token,
  isOwn: boolean,
  values: readonly string[],
): SignedToken | undefined {
  const { clock, config, log, tokens } = services
  const now = clock.now()
  const good: SignedToken[] = []
  for (const value of values.slice(0, MOST_CHECKS)) {
    const verdict = tokens.verify(value)
    if (verdict.kind === 'bad') continue
    const { token } = verdict
    if (log.endOf(token.id) !== undefined || endingOf(token, token.issuedAt, now, config.limits)) continue
    if (token.id === own.id && token.version > own.version) good.push(verdict)
    else if (isOwn || isSame(token, own)) continue
    else if (isNamed(config.upstreams, token.owner)) good.push(verdict)
    else if (token.id !== own.id) warnOfUnnamed(services, token)
  }
  return newest(good)
}

/** The client's own token, come back as it went; or the leftover of a head that could not be written. */
function isSame(token: Token, own: Token): boolean {
  return token.id === own.id && (token.version < own.version || token.issuedAt <= own.issuedAt)
}

/** A backend that is about to end signs in nobody's name. */
function isNamed(upstreams: readonly string[], owner: string): boolean {
  if (owner === NOBODY.backend) return upstreams.length > 0
  return upstreams.some((one) => (one.endsWith('*') ? owner.startsWith(one.slice(0, -1)) : owner === one))
}

function warnOfUnnamed({ boot, warnings }: Services, { owner, boot: itsBoot }: Token): void {
  if (itsBoot === boot || owner === NOBODY.backend) return
  warnings.once(
    'relayed-cookie',
    `the application has put a cookie on its response that another backend (${owner}) has signed with this secret, and that belongs to another session than ` +
      `this request's, so the client did not get it. If that backend is a service behind this one, name it: sticky({ upstreams: ['${owner}'] }), ` +
      'with backend: { id } in the service, so that the name stays. If it is another application, give each a cookie.name of its own. Reported once',
  )
}
