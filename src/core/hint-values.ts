import { createHash, createHmac } from 'node:crypto'
import { LimpetError } from './errors.ts'

/** Bytes of a salt that nobody finds by trying: what it is added to is an address, of which there are few. */
const LEAST_SALT = 16

const PLAIN = /^[\w-]{1,64}$/

/**
 * For Apache's mod_proxy_balancer with `stickysession`: what it looks for stands behind a dot, whatever stands before.
 *
 * @param route What `BalancerMember ... route=web1` says of this backend: 1 to 64 of `[A-Za-z0-9_-]`.
 * @returns `.web1`
 * @throws `ERR_LIMPET_OPTIONS` for anything else.
 */
export function apacheRoute(route: string): string {
  if (typeof route !== 'string' || !PLAIN.test(route)) {
    throw wrong('apacheRoute() takes the route of a BalancerMember, 1 to 64 letters, digits, "-" or "_", like \'web1\'')
  }
  return `.${route}`
}

/**
 * For Caddy's `lb_policy cookie NAME SECRET`, which signs the upstream's address with its secret. Caddy calls it "dial":
 * `10.0.0.3:3000`, without a scheme, as its own log names it.
 *
 * @param dial Where Caddy reaches this backend: a host and a port.
 * @param secret The same as in the Caddyfile, of at least 16 bytes, and not limpet's own. A shorter one can be found
 * from a cookie by trying, and the address with it.
 * @returns 64 hex digits.
 * @throws `ERR_LIMPET_OPTIONS` without a port, with a scheme, or with a secret that is too short.
 */
export function caddyUpstream(dial: string, secret: string): string {
  if (typeof dial !== 'string' || !/^(?:[^\s:/]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(dial)) {
    throw wrong(
      'caddyUpstream() takes the address at which Caddy reaches this backend, a host and a port without a scheme',
    )
  }
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < LEAST_SALT) {
    throw wrong(
      `the secret of Caddy's lb_policy cookie needs at least ${LEAST_SALT} bytes, or whoever has a cookie finds the address behind it by trying: ` +
        'write "lb_policy cookie route SECRET" with a longer one in the Caddyfile, and the same here',
    )
  }
  return createHmac('sha256', secret).update(dial).digest('hex')
}

/**
 * For Traefik's `sticky.cookie` (version 3.4 or newer), which names a server by a short hash of its URL without any
 * salt. Whoever has such a cookie finds a URL with an IP address, or a name made of one, by trying all that there are; so this function takes
 * one only from who says that this is wanted.
 *
 * @param url The server's URL, letter by letter as Traefik has it: `http://web1:3000`.
 * @param options `disclosesAddress: true`: clients may learn the address.
 * @returns 16 hex digits.
 * @throws `ERR_LIMPET_OPTIONS` for an IP address, without `disclosesAddress`, and for what is no URL.
 */
export function traefikServer(url: string, options: { readonly disclosesAddress?: boolean } = {}): string {
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url)) {
    throw wrong("traefikServer() takes a server's URL as it stands in Traefik's configuration, like 'http://web1:3000'")
  }
  if (options.disclosesAddress !== true && isAddress(new URL(url).hostname)) {
    throw wrong(
      "Traefik's cookie is a hash of the server's URL without a salt, so whoever has it finds this IP address by trying all that there are: give the server a " +
        'host name in the configuration of Traefik, or write traefikServer(url, { disclosesAddress: true }) where clients may know it',
    )
  }
  return createHash('sha256').update(url).digest('hex').slice(0, 16)
}

/**
 * Also a name that is made of one, like `ip-10-0-0-3.internal`. The parser of URLs has made four numbers of all forms of
 * IPv4.
 */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /(?<!\d)\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)/.test(hostname)
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
