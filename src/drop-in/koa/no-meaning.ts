import { LimpetError } from '../../core/errors.ts'

/** Options of koa-session that have no meaning here, and would change what an application does. */
const REFUSED: Readonly<Record<string, string>> = {
  genid:
    "ids are 144 random bits of limpet's own, which its tokens and stores are made for. Remove it; to find the sessions of a user call " +
    "ctx.sticky.label('user:42')",
  prefix: "ids are limpet's own. Remove it; to keep applications in one Redis apart, give each its namespace: 'shop'",
  encode: 'the cookie holds a signed token, and data is in the store. Remove it',
  decode:
    'the cookie holds a signed token, and data is in the store. Remove it; sessions of koa-session that run now take migrate: { keys, decode }',
  externalKey:
    'the token in the cookie says more than an id does, and every response brings it. Remove it; a client without cookies can send ' +
    'the Cookie header itself',
  ContextStore:
    'a store is asked without a request, too (a copy of this backend answers, lifetimes are renewed later). Pass store: one that needs no ' +
    'context, or leave it out for REDIS_URL',
  expires: 'it would end all sessions at one moment. Write maxAge: milliseconds',
}

/** Throws `ERR_LIMPET_OPTIONS`. */
export function refuse(options: Readonly<Record<string, unknown>>): void {
  for (const [name, why] of Object.entries(REFUSED)) {
    if (options[name] === undefined) continue
    throw new LimpetError('ERR_LIMPET_OPTIONS', `${name} has no meaning here: ${why}`)
  }
}

/** What is done otherwise here, and harms nobody. */
export function notes({ rolling, signed, overwrite }: Record<string, unknown>, maxAge: unknown): string[] {
  const found: string[] = []
  if (rolling === false && typeof maxAge === 'number') {
    found.push(
      'rolling: false has no meaning: every response brings the cookie, so a session ends maxAge after its last request, whatever the requests were. ' +
        'Write absoluteTimeout for an end that no request moves',
    )
  }
  if (signed === false) found.push('signed: false has no meaning: the cookie is always signed')
  if (overwrite === false) found.push('overwrite: false has no meaning: a response brings one cookie of a name')
  return found
}
