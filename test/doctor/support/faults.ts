import type { IncomingMessage } from 'node:http'
import type { ExamineOptions, FindingId } from '../../../src/doctor.ts'
import type { Switches } from './site.ts'

/** One thing that is wrong with a site. */
export interface Fault {
  readonly name: string
  readonly switches: Switches
  /** What the doctor has to be told to see it. */
  readonly options?: ExamineOptions
  /** The findings that it makes, alone. */
  readonly finds: readonly FindingId[]
  /** Findings that cannot be made while it is there, whatever else is wrong. */
  readonly masks?: readonly FindingId[]
}

/** With an end, if it has none. */
function withEnd(line: string): string {
  return line.includes('Max-Age') ? line : `${line}; Max-Age=3600`
}

type Alter = NonNullable<Switches['alters']>[number]

/** Changes the lines that set a cookie; undefined takes one away. */
function lines(change: (line: string, answer: IncomingMessage, request: IncomingMessage) => string | undefined): Alter {
  return (answer, request) => {
    const all = answer.headers['set-cookie'] ?? []
    answer.headers['set-cookie'] = all.flatMap((line) => change(line, answer, request) ?? [])
  }
}

/** The balancer's cookie, under either of the names that it has here. */
const isBalancers = (line: string) => /^(SERVERID|AWSALB)=/.test(line)
const isOf = (name: string, line: string) => line.startsWith(`${name}=`)
const statusOf = ({ statusCode = 0 }: IncomingMessage) => statusCode

/** Found at any site with several backends and cookies: several requests at once begin at several backends. */
export const ALWAYS: readonly FindingId[] = ['parallel-first-requests']

/** Without a balancer that follows its cookie, what happens to the cookie in special cases proves nothing. */
const NOT_FOLLOWED: readonly FindingId[] = [
  'affinity-changes-on-redirect',
  'parallel-first-requests',
  'upgrade-other-backend',
]

/** What is said of the balancer's cookie, which is not there. */
const NO_COOKIE: readonly FindingId[] = [
  ...NOT_FOLLOWED,
  'no-cookie-on-4xx',
  'no-cookie-on-5xx',
  'no-cookie-on-redirect',
  'backend-changes',
  'cookie-ends-mid-session',
  'timeout-too-low',
  'cannot-tell-backend',
]

export const FAULTS: readonly Fault[] = [
  {
    name: 'persistence off',
    switches: { balancer: { persistence: false } },
    finds: ['no-affinity-cookie'],
    masks: NO_COOKIE,
  },
  {
    name: 'timeout too low, by Max-Age',
    switches: { alters: [lines((line) => (isBalancers(line) ? `${line}; Max-Age=60` : line))] },
    finds: ['timeout-too-low'],
  },
  { name: 'no cookie on 4XX', switches: { balancer: { bareErrors: true } }, finds: ['no-cookie-on-4xx'] },
  {
    name: 'affinity changes on a 302',
    switches: { balancer: { movesOnRedirect: true } },
    finds: ['affinity-changes-on-redirect'],
  },
  {
    name: 'no cookie on 5XX',
    switches: {
      alters: [lines((line, answer) => (isBalancers(line) && statusOf(answer) >= 500 ? undefined : line))],
    },
    options: { missing: '/broken' },
    finds: ['no-cookie-on-5xx'],
    // The path that answers with 500 takes the place of the one with 404.
    masks: ['no-cookie-on-4xx'],
  },
  {
    name: 'no cookie on a redirect',
    switches: {
      alters: [lines((line, answer) => (isBalancers(line) && statusOf(answer) === 302 ? undefined : line))],
    },
    finds: ['no-cookie-on-redirect'],
    masks: ['affinity-changes-on-redirect'],
  },
  {
    name: 'the cookie is not followed',
    switches: { balancer: { timeout: -1 } },
    finds: ['backend-changes'],
    masks: NOT_FOLLOWED,
  },
  {
    name: 'two affinity cookies',
    switches: { cookies: [`route=${'0a'.repeat(16)}; Path=/`] },
    finds: ['two-affinity-cookies'],
  },
  {
    name: 'an address in a cookie',
    switches: { cookies: [`pool=${Buffer.from('10.20.30.40:8080').toString('base64')}; Path=/`] },
    finds: ['address-disclosed'],
  },
  {
    name: 'Secure missing',
    switches: {
      tls: true,
      alters: [lines((line) => (isOf('sid', line) ? line.replaceAll('; Secure', '') : line))],
    },
    options: { insecure: true },
    finds: ['secure-missing'],
  },
  {
    name: 'SameSite=None without Secure',
    switches: {
      cookies: ['embedded=1; Path=/; SameSite=None'],
      alters: [lines((line) => (isOf('embedded', line) ? line.replaceAll('; Secure', '') : line))],
    },
    finds: ['samesite-none-without-secure'],
  },
  {
    name: "another site's Domain",
    switches: { cookies: ['token=1; Path=/; Domain=other.example; SameSite=Lax'] },
    finds: ['cookie-not-returned'],
  },
  { name: 'a cookie twice', switches: { cookies: ['twin=1; Path=/', 'twin=2; Path=/'] }, finds: ['duplicate-cookie'] },
  {
    name: 'a cookie without renewal',
    switches: {
      alters: [
        lines((line, _answer, request) => {
          if (!isBalancers(line)) return line
          return /(SERVERID|AWSALB)=/.test(request.headers.cookie ?? '') ? undefined : withEnd(line)
        }),
      ],
    },
    finds: ['cookie-ends-mid-session'],
  },
  {
    name: 'a shared cache may store it',
    switches: { fields: { 'Cache-Control': 'public, max-age=60' } },
    finds: ['cookie-in-shared-cache'],
  },
  {
    name: 'a cookie of 5 KB',
    switches: { cookies: [`prefs=${'x'.repeat(5000)}; Path=/`] },
    finds: ['cookie-too-big'],
  },
  {
    name: 'WebSockets refused',
    switches: { noUpgrades: true },
    options: { ws: '/socket' },
    finds: ['upgrade-refused'],
    masks: ['upgrade-other-backend'],
  },
  {
    name: 'WebSockets elsewhere',
    switches: { balancer: { ignores: ({ headers }) => headers.upgrade !== undefined } },
    options: { ws: '/socket' },
    finds: ['upgrade-other-backend'],
  },
  {
    name: 'one backend',
    switches: { backends: 1 },
    finds: ['one-backend'],
    masks: [...NOT_FOLLOWED, 'backend-changes'],
  },
  {
    name: 'nothing tells backends apart',
    switches: { nameless: true, balancer: { cookie: 'AWSALB' } },
    finds: ['cannot-tell-backend'],
    masks: [...NOT_FOLLOWED, 'backend-changes', 'one-backend'],
  },
]

/** A fault of limpet, or of what stands in front of it, behind plain round robin. */
const behindRoundRobin = { balancer: { persistence: false } } as const

export const LIMPET_FAULTS: readonly Fault[] = [
  { name: 'limpet, healthy', switches: { ...behindRoundRobin, limpet: {} }, finds: ['backend-changes'] },
  {
    name: 'limpet behind a balancer with causes 3 and 4',
    switches: { balancer: { bareErrors: true, movesOnRedirect: true }, limpet: {} },
    finds: ['no-cookie-on-4xx', 'affinity-changes-on-redirect'],
  },
  {
    name: 'limpet missing on 404',
    switches: {
      ...behindRoundRobin,
      limpet: {},
      alters: [lines((line, answer) => (isOf('limpet', line) && statusOf(answer) === 404 ? undefined : line))],
    },
    finds: ['limpet-missing', 'backend-changes'],
  },
  {
    name: 'limpet with different secrets',
    switches: {
      ...behindRoundRobin,
      limpet: { secrets: ['one secret of one backend, long enough', 'another secret of another, long enough'] },
    },
    finds: ['limpet-secrets-differ', 'backend-changes'],
  },
  {
    name: 'limpet, cookies lost on the way',
    switches: { ...behindRoundRobin, limpet: {}, losesCookies: true },
    finds: ['limpet-session-changes', 'backend-changes'],
  },
  {
    name: 'limpet, clocks that differ',
    switches: { ...behindRoundRobin, limpet: { clocks: [0, 60_000, 0] } },
    finds: ['limpet-clocks-differ', 'backend-changes'],
  },
]

/** Pairs that make something else than both and the masks tell, and why. */
export const EXCEPTIONS: readonly { readonly pair: readonly string[]; readonly finds: readonly FindingId[] }[] = [
  {
    // The second cookie is the only one that is left, it comes back, and nobody follows it.
    pair: ['persistence off', 'two affinity cookies'],
    finds: ['backend-changes'],
  },
]
