import type { Op, Outcome, Value } from '../history.ts'
import type { Sent } from './balancer.ts'

export type Understood = Pick<
  Op,
  'outcome' | 'behind' | 'stale' | 'backend' | 'session' | 'detail' | 'refused' | 'starved'
> & {
  readonly values: Readonly<Record<string, unknown>>
  /** Who answered, and when, as the backend says. */
  readonly said: { readonly boot: unknown; readonly arrived: unknown; readonly acted: unknown }
}

/** What a client knows of its request when it has an answer, or has none. */
export function understand(sent: Sent): Understood {
  const nothing = { boot: undefined, arrived: undefined, acted: undefined }
  const silent = { values: {}, behind: false, stale: false, session: '', refused: false, starved: false, said: nothing }
  if (sent.kind === 'refused') return { ...silent, outcome: 'fail', backend: -1, detail: 'refused by all backends' }
  if (sent.kind === 'broken') return { ...silent, outcome: 'unknown', backend: sent.backend, detail: sent.why }
  const { body, backend } = sent.reply
  const said = parse(body)
  // A stream's head left before anybody knew.
  const status = Number(said.status ?? sent.reply.status)
  const outcome: Outcome = status === 200 ? 'ok' : said.applied === false ? 'fail' : 'unknown'
  return {
    outcome,
    values: Object(said.values),
    behind: said.behind === true,
    stale: said.stale === true,
    session: String(said.session ?? ''),
    refused: said.refused === true,
    starved: said.starved === true,
    backend,
    detail: outcome === 'ok' ? '' : `${status} ${String(said.error ?? '').slice(0, 60)}`,
    said: { boot: said.boot, arrived: said.arrived, acted: said.acted },
  }
}

function parse(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}

export function asValue(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}
