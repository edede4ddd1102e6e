import { LimpetError } from '../core/errors.ts'
import { BACKEND_ID } from '../core/token.ts'
import { describe } from './duration.ts'
import { checkKeys } from './unknown-keys.ts'

/**
 * The id that the option `backend` gives this process; undefined: none. Clients can read it, so what is plainly an
 * address is refused.
 */
export function readBackendId(backend: unknown): string | undefined {
  if (backend === undefined) return undefined
  checkKeys(backend, ['id', 'url'], { what: 'backend option', name: 'backend', example: "{ id: 'web1' }" })
  const { id } = backend as { id?: unknown }
  if (id === undefined) return undefined
  if (typeof id !== 'string' || !BACKEND_ID.test(id)) {
    throw wrong(`backend.id must be 1 to 64 letters, digits, "-" or "_", like 'web1'; got ${describe(id)}`)
  }
  if (isAddress(id)) {
    throw wrong(
      `backend.id looks like an address ('${id}') and clients can read it in their cookie: use a name, like 'web1'`,
    )
  }
  return id
}

/**
 * Is it an address to anyone who looks: an IPv4 address with `-` or `_` for its dots, wherever it stands; or, as the
 * whole id, an IPv6 address written so, or the 32 bits of an IPv4 address as 0x and hex digits, or in decimal if the
 * address is a private one? Other numbers may as well be a time or a build, and a bare hex text a random one; those,
 * host names and anything encoded are not found out.
 */
export function isAddress(id: string): boolean {
  return DOTTED.test(id) || /^0x[\da-f]{7,8}$/i.test(id) || isPrivateNumber(id) || isIpv6(id.replaceAll(/[-_]/g, ':'))
}

/** No digit at either end, or the day in `2024-01-02-03` would be part of one. */
const DOTTED = /(?<!\d)\d{1,3}([-_])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)/

/** Ten, 172.16/12, 192.168/16 and loopback (RFC 1918, RFC 1122) as load balancers write them into their own cookies. */
function isPrivateNumber(id: string): boolean {
  if (!/^\d{9,10}$/.test(id)) return false
  const number = Number(id)
  const [first, second] = [Math.floor(number / 2 ** 24), Math.floor(number / 2 ** 16) % 256]
  return first === 10 || first === 127 || (first === 172 && second >> 4 === 1) || (first === 192 && second === 168)
}

/** Eight groups, or fewer with `::` and the first four digits of an address in use: `a::1` as well could be a name. */
function isIpv6(text: string): boolean {
  const known = !text.includes('::') || /^(?:[23][\da-f]{3}|f[cd][\da-f]{2}|fe80):/i.test(text)
  return known && URL.canParse(`http://[${text}]`)
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
