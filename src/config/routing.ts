import type { Carrier } from '../core/carriers.ts'
import { LimpetError } from '../core/errors.ts'
import type { Policy } from '../core/route.ts'
import { describe } from './duration.ts'
import { checkKeys } from './unknown-keys.ts'

/** What the option `misdirected` takes, as words. `{ reject }`: another status than 421. */
export type PolicyName = 'serve' | 'forward' | 'replay' | 'reject' | { readonly reject: number }

/** The part of a request that a policy can be chosen by. */
export interface RoutedRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Typed as a method is, so that a function of a framework's own request fits as well. */
export type ChoosePolicy = { of(request: RoutedRequest): PolicyName }['of']

export interface Routing {
  readonly policy: Policy | ((request: RoutedRequest) => Policy)
  readonly carriers: readonly Carrier[]
}

const WORDS = "'serve', 'forward', 'replay', 'reject' or { reject: 409 }"

/** Undefined: every request is served where it lands. */
export function readRouting(misdirected: unknown, carriers: unknown): Routing | undefined {
  const list = readCarriers(carriers)
  if (misdirected === undefined || misdirected === 'serve') {
    if (list.length > 0)
      throw wrong(
        "carriers say where a request brings an owner's id, and misdirected: 'serve' does nothing with it: add misdirected: 'forward'",
      )
    return undefined
  }
  if (typeof misdirected !== 'function') return { policy: policyOf(misdirected, 'misdirected'), carriers: list }
  const choose = misdirected as (request: RoutedRequest) => unknown
  return { policy: (request) => policyOf(choose(request), 'the function given as misdirected'), carriers: list }
}

function policyOf(value: unknown, what: string): Policy {
  if (value === 'serve' || value === 'forward' || value === 'replay') return value
  if (value === 'reject') return { reject: 421 }
  const status = typeof value === 'object' && value !== null && 'reject' in value ? value.reject : undefined
  if (status === undefined)
    throw wrong(
      `${what} must be ${WORDS}, or a function of the request that returns one of them; got ${describe(value)}`,
    )
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) {
    throw wrong(`${what}: reject must be a status from 400 to 599, like 421; got ${describe(status)}`)
  }
  return { reject: status }
}

function readCarriers(value: unknown): readonly Carrier[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw wrong(`carriers must be a list, like [{ query: 'sid' }]; got ${describe(value)}`)
  const list = value.map(readCarrier)
  const seen = new Set<string>()
  for (const carrier of list) {
    const name = JSON.stringify(carrier)
      .toLowerCase()
      .replaceAll(/:[a-z]\w*/g, ':id')
    if (seen.has(name)) throw wrong(`carriers has ${JSON.stringify(carrier)} twice: remove one`)
    seen.add(name)
  }
  return list
}

function readCarrier(value: unknown): Carrier {
  checkKeys(value as object, ['header', 'query', 'path'], {
    what: 'carrier',
    name: 'a carrier',
    example: "{ query: 'sid' }",
  })
  const entries = Object.entries(value as object)
  const [kind, name] = entries[0] ?? []
  if (entries.length !== 1 || typeof name !== 'string' || name === '') {
    throw wrong(`a carrier is one of { header }, { query } or { path }, like { query: 'sid' }; got ${describe(value)}`)
  }
  if (kind === 'header') {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw wrong(`'${name}' cannot be the name of a header: write { header: 'mcp-session-id' }`)
    if (name.toLowerCase() === 'cookie')
      throw wrong("the header 'cookie' cannot be a carrier: limpet's own cookie is read anyway")
    return { header: name.toLowerCase() }
  }
  if (kind === 'query') return { query: name }
  const parts = name.split('/').filter((part) => part.startsWith(':'))
  if (!name.startsWith('/') || parts.length !== 1 || parts[0] === ':') {
    throw wrong(
      `the path of a carrier begins with "/" and has one segment that is the id, like '/files/:id'; got '${name}'`,
    )
  }
  return { path: name }
}

function wrong(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_OPTIONS', message)
}
