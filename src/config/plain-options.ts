import type { Carrier } from '../core/carriers.ts'
import type { Duration } from './duration.ts'
import type { ChoosePolicy, PolicyName } from './routing.ts'

/** What `sticky(options)` takes, but for its parts that are no plain values. Everything is optional. */
export interface PlainOptions<CookieName extends string = string> {
  /**
   * Signs the cookie: at least 32 bytes, the same on every backend. In a list the first signs and all verify, which is
   * how a secret is changed. Default: `LIMPET_SECRET`. Missing in production: `ERR_LIMPET_SECRET`; missing elsewhere: a
   * random one.
   */
  secret?: string | readonly string[] | undefined
  /**
   * The cookie's attributes. Default: `{ name: 'limpet', path: '/', httpOnly: true, sameSite: 'lax', secure: 'auto',
   * lifetime: 'permanent' }`.
   */
  cookie?: CookieOptions<CookieName> | undefined
  /**
   * What the cookie is signed for, beside the secret: 1 to 64 of `[A-Za-z0-9._-]`. Applications with one secret take
   * each other's cookies for their own if their namespace is the same, and for forged ones if not. Default: the
   * cookie's name.
   */
  namespace?: string | undefined
  /**
   * For a gateway in front of a service that uses limpet too: the ids (`backend.id`) of the service's backends, like
   * `['orders1', 'orders2']` or `['orders-*']`. When the gateway relays a cookie that one of them has signed, that one
   * goes to the client, so that a login or logout at the service holds; unless this request has changed the session in
   * the gateway itself. Default: none. Whoever is not named can only bring news of the client's own session.
   */
  upstreams?: readonly string[] | undefined
  /**
   * When a session gets its cookie: `'always'` (default) with its first response, `'on-write'` with its first write.
   * With `'on-write'` visitors who store nothing get no cookie (consent), and of a page's parallel first requests only
   * the one that writes sends one. What it costs: no affinity for them.
   */
  firstCookie?: 'always' | 'on-write' | undefined
  /** A session ends after this long without a request. Default `'24h'`; from one second to ten years. */
  idleTimeout?: Duration | undefined
  /** A session ends this long after it began, whatever happens. Default: never; the same bounds. */
  absoluteTimeout?: Duration | undefined
  /**
   * This process. `id`: 1 to 64 of `[A-Za-z0-9_-]`; default: random at every boot. Clients can read it, so it must tell
   * no address and no host name: what plainly is an address is refused, but nobody can find out all disguises. `url`:
   * where other backends reach this one, for `misdirected: 'forward'`: `'http://10.0.0.3:3000'`, `'https://...'`,
   * `'unix:/run/app.sock'`, or `'unix'` for a socket that limpet opens itself (`limpet.attach(server)`), for workers
   * and containers on one host.
   */
  backend?: { id?: string | undefined; url?: string | undefined } | undefined
  /**
   * What to do with a request whose session another backend owns: `'serve'` (default) answers it here; `'forward'`
   * passes it on to the owner, and its answer back; `'replay'` asks Fly's proxy to; `'reject'` answers 421, or the
   * status of `{ reject: 409 }`. Or a function of the request that returns one of them. When the owner is gone, the
   * session is adopted by the backend that the request has landed on.
   */
  misdirected?: PolicyName | ChoosePolicy | undefined
  /**
   * Where a request may bring an id of `limpet.ownedId()`, beside our cookie: `[{ query: 'sid' }, { header:
   * 'mcp-session-id' }, { path: '/files/:id' }]`. Default: nowhere.
   */
  carriers?: readonly Carrier[] | undefined
  /**
   * A plain cookie beside ours that tells the load balancer which backend the session belongs to, in the form that it
   * matches: `{ cookie: 'route', value: 'web1' }`, another value on each backend; `limpet/hints` makes it where it is
   * no plain name. Sent when the one that came is another or none, with our cookie and its attributes, and never
   * without it. Clients can read it, so it must tell no address. Default: none.
   */
  hint?: { cookie: string; value: string } | undefined
  /**
   * A response that a shared cache may store gets no cookie (`'skip'`, the default), is made private and gets it
   * (`'private'`), or gets it as it is (`'emit'`: only when you know that your cache strips cookies).
   */
  cacheable?: 'skip' | 'private' | 'emit' | undefined
  /** Deadline of one store call. Default `'1s'`; from one millisecond to 24 days. */
  storeTimeout?: Duration | undefined
  /**
   * `'token'` (default): a local copy answers when it is at least as new as what the client has seen. `'strict'`: every
   * read asks the store.
   */
  consistency?: 'token' | 'strict' | undefined
  /** Bytes of keys and JSON that one session may hold. Default 65536. */
  maxSessionBytes?: number | undefined
  /**
   * True: every response says in `Server-Timing` what limpet did, as a browser's developer tools show it: whether the
   * session is new, and why, which life of a backend owns it, and how long a request took that was passed on. Default
   * false.
   */
  debug?: boolean | undefined
}

/**
 * The cookie's attributes. A name with `__Host-` or `__Secure-` asks for the attributes that browsers demand of it (RFC
 * 6265bis section 4.1.3), and `sameSite: 'none'` and `partitioned` ask that `secure` is given; the types say so where
 * the name is a literal, the start-up check always.
 */
export type CookieOptions<Name extends string = string> = {
  /** Default `'limpet'`. */
  name?: Name | undefined
  /** Default true: scripts cannot read the cookie. */
  httpOnly?: boolean | undefined
  /** `'permanent'` (default) survives the end of the browser, `'session'` does not. */
  lifetime?: 'permanent' | 'session' | undefined
} & NameRules<Name> &
  CrossSiteRules

type NameRules<Name extends string> = Name extends `__Host-${string}`
  ? {
      /** Browsers refuse the prefix `__Host-` without it. */
      secure: true
      /** Browsers refuse the prefix `__Host-` with one. */
      domain?: undefined
      /** Browsers refuse the prefix `__Host-` with another one. */
      path?: '/' | undefined
    }
  : Name extends `__Secure-${string}`
    ? {
        /** Browsers refuse the prefix `__Secure-` without it. */
        secure: true
        /** Default: the one host that set the cookie. With `'example.com'`, the hosts below it too. */
        domain?: string | undefined
        /** Default `'/'`. Requests to other paths bring no cookie. */
        path?: string | undefined
      }
    : {
        /**
         * Only over https? `'auto'` (default): where the request came over https, as far as the framework trusts who
         * says so.
         */
        secure?: boolean | 'auto' | undefined
        /** Default: the one host that set the cookie. With `'example.com'`, the hosts below it too. */
        domain?: string | undefined
        /** Default `'/'`. Requests to other paths bring no cookie. */
        path?: string | undefined
      }

type CrossSiteRules =
  | {
      /**
       * Which requests from other sites bring the cookie. Default `'lax'`: following a link does, a form or a frame
       * does not.
       */
      sameSite?: 'lax' | 'strict' | undefined
      /** Default false. Cookies Having Independent Partitioned State. */
      partitioned?: false | undefined
    }
  | {
      /** `'none'`: requests from all sites bring the cookie, if `secure` is given. */
      sameSite?: 'lax' | 'strict' | 'none' | undefined
      /**
       * True: a cookie of its own for each site that embeds this one (Cookies Having Independent Partitioned State).
       */
      partitioned?: boolean | undefined
      /** Browsers refuse the cookie without it. */
      secure: true | 'auto'
    }
