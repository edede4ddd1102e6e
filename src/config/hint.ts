import type { CookieAttributes } from '../core/cookie.ts'
import { LimpetError } from '../core/errors.ts'
import { isAddress } from './backend-id.ts'
import { COOKIE_NAME, checkCookieRules } from './cookie-options.ts'
import { describe } from './duration.ts'
import { checkKeys } from './unknown-keys.ts'

/** A plain cookie beside ours that names the owner in the form which the load balancer matches. */
export interface Hint {
  readonly cookie: string
  readonly value: string
}

/** Made of cookie-octets, without what balancers, shells and logs take for a sign: it is compared as it stands. */
const VALUE = /^[A-Za-z0-9_.!|~+/=-]{1,128}$/

/** Undefined: the balancer is told nothing. `cookie`: ours, whose attributes the hint has. */
export function readHint(hint: unknown, cookie: CookieAttributes): Hint | undefined {
  if (hint === undefined) return undefined
  checkKeys(hint, ['cookie', 'value'], {
    what: 'hint option',
    name: 'hint',
    example: "{ cookie: 'route', value: 'web1' }",
    others: { name: "it is cookie: 'route'", path: SHARED, domain: SHARED, secure: SHARED, sameSite: SHARED },
  })
  const { cookie: name, value } = hint as { cookie?: unknown; value?: unknown }
  if (typeof name !== 'string' || !COOKIE_NAME.test(name)) {
    throw wrong(`hint.cookie must be 1 to 64 letters, digits or "-_.", like 'route'; got ${describe(name)}`)
  }
  if (name === cookie.name) {
    throw wrong(
      `hint.cookie and cookie.name are both '${name}', and one would replace the other: name the hint 'route'`,
    )
  }
  checkCookieRules({ ...cookie, name }, true)
  checkValue(value)
  return Object.freeze({ cookie: name, value })
}

const SHARED = 'leave it out: the hint has the attributes of our own cookie'

function checkValue(value: unknown): asserts value is string {
  if (typeof value !== 'string' || !VALUE.test(value)) {
    throw wrong(
      "hint.value is what the balancer looks for, 1 to 128 letters, digits or \"-_.!|~+/=\", like 'web1', or made by a function of 'limpet/hints'; " +
        `got ${describe(value)}`,
    )
  }
  const disclosed = [value, Buffer.from(value, 'base64').toString('latin1')].find(
    (text) => ADDRESS.test(text) || isAddress(text),
  )
  if (disclosed === undefined) return
  throw wrong(
    "hint.value tells an address, and clients can read it in their cookie: name the backend in the balancer's configuration, and write that name, like 'web1'" +
      (disclosed === value ? '' : ' (base64 hides nothing)'),
  )
}

/** With dots or colons, which a backend's id cannot have: an IPv4 address, or an IPv6 one in brackets. */
const ADDRESS = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\[[\da-f:.]*:[\da-f:.]*\]/i

/** How the hint is written: for as long as the browser runs, since it is sent again when it is missing. */
export function hintAttributes(cookie: CookieAttributes, { cookie: name }: Hint): CookieAttributes {
  return { ...cookie, name, lifetime: 'session' }
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
