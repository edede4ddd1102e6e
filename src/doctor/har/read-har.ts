import type { CookiePair, Exchange, SetCookie } from '../observations.ts'
import type { Observed } from '../prober/observe.ts'
import { times } from '../text/words.ts'
import { Trouble } from '../trouble.ts'
import { readSetCookie } from '../wire/set-cookie.ts'

/** Milliseconds without a request that count as a pause. */
const PAUSE = 60_000

/** Entries of one host that are looked at: many hours of somebody's work. */
const MOST_ENTRIES = 20_000

type Json = Readonly<Record<string, unknown>>
type Fields = readonly (readonly [name: string, value: string])[]

/**
 * Reads a HAR 1.2 archive. Of several hosts the one that the first document came from counts; fields and entries that
 * are not of their form are left out.
 */
export function readHar(text: string): Observed {
  const entries = entriesOf(text)
  const host = hostOf(entries)
  const all = entries.filter((entry) => hostIn(entry) === host).toSorted((one, other) => startOf(one) - startOf(other))
  const own = all.slice(0, MOST_ENTRIES)
  let before = Number.NaN
  const exchanges = own.map((entry, at): Exchange => {
    const start = startOf(entry)
    const gap = start - before
    before = start + Math.max(0, numberIn(entry, 'time'))
    return exchangeOf(entry, at + 1, start, gap > PAUSE ? gap : 0)
  })
  const hasCookies = exchanges.some(({ sent, cookies }) => sent.length + cookies.length > 0)
  if (!hasCookies) {
    throw new Trouble(
      'the recording has no cookies at all: browsers leave them out by default. Export it with sensitive data ' +
        '(Chrome: settings of the developer tools, "Allow to generate HAR with sensitive data")',
    )
  }
  const others = new Set(entries.map(hostIn)).size - 1
  const why = `${times(others, 'other host')} in the recording; the checks are for ${host}`
  return {
    observations: { from: 'recording', page: undefined, exchanges },
    notChecked: [
      ...(others > 0 ? [{ what: 'other hosts', why }] : []),
      ...(all.length > own.length ? [{ what: `requests after the first ${MOST_ENTRIES}`, why: 'there are more' }] : []),
    ],
    incomplete: undefined,
  }
}

function entriesOf(text: string): readonly Json[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new Trouble('the recording is no JSON: it may have been cut off while it was saved; export it again', {
      cause,
    })
  }
  const entries = objectIn(objectIn(parsed, 'log'), 'entries')
  if (!Array.isArray(entries)) throw new Trouble('this is no recording: a HAR file has log.entries')
  const good = entries.filter((entry) => {
    // What the browser's own cache answered never crossed the wire.
    const isCached = textIn(entry, '_fromCache') !== '' || objectIn(entry, '_fetchedViaServiceWorker') === true
    return !isCached && hostIn(entry) !== undefined && Number.isFinite(startOf(entry))
  })
  if (good.length === 0) throw new Trouble('the recording is empty: record first, and then reload the page')
  return good
}

/** The host of the first answer that is a document; otherwise of the first entry. */
function hostOf(entries: readonly Json[]): string {
  const isDocument = (entry: Json) =>
    fieldsOf(entry, 'response').some(([name, value]) => name === 'content-type' && value.includes('html'))
  return hostIn(entries.find(isDocument) ?? entries[0]) ?? ''
}

function exchangeOf(entry: Json, number: number, at: number, idle: number): Exchange {
  const [request, response] = [objectIn(entry, 'request'), objectIn(entry, 'response')]
  const headers = fieldsOf(entry, 'response')
  const status = numberIn(response, 'status')
  return {
    number,
    probe: status === 101 ? 'upgrade' : 'recording',
    client: 'A',
    method: textIn(request, 'method') || 'GET',
    url: textIn(request, 'url'),
    at,
    took: Math.round(Math.max(0, numberIn(entry, 'time'))),
    idle,
    sent: sentIn(entry),
    status,
    headers,
    cookies: cookiesIn(headers, at),
    body: undefined,
    failure: status > 0 ? undefined : 'the browser got no answer',
  }
}

function sentIn(entry: Json): readonly CookiePair[] {
  const lines = fieldsOf(entry, 'request').filter(([name]) => name === 'cookie')
  return lines.flatMap(([, line]) =>
    line.split(';').flatMap((pair) => {
      const at = pair.indexOf('=')
      return at < 1 ? [] : [{ name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }]
    }),
  )
}

function cookiesIn(headers: Fields, at: number): readonly SetCookie[] {
  const lines = headers.filter(([name]) => name === 'set-cookie').flatMap(([, value]) => value.split('\n'))
  return lines.flatMap((line) => readSetCookie(line, at) ?? [])
}

function fieldsOf(entry: Json, of: 'request' | 'response'): Fields {
  const headers = objectIn(objectIn(entry, of), 'headers')
  if (!Array.isArray(headers)) return []
  return headers.map((header) => [textIn(header, 'name').toLowerCase(), textIn(header, 'value')] as const)
}

/** Host and port; undefined: no entry with a URL. */
function hostIn(entry: unknown): string | undefined {
  const url = textIn(objectIn(entry, 'request'), 'url')
  return /^(https?|wss?):/i.test(url) && URL.canParse(url) ? new URL(url).host : undefined
}

function startOf(entry: unknown): number {
  return Date.parse(textIn(entry, 'startedDateTime'))
}

function objectIn(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Json)[name] : undefined
}

function textIn(of: unknown, name: string): string {
  const value = objectIn(of, name)
  return typeof value === 'string' ? value : ''
}

function numberIn(of: unknown, name: string): number {
  const value = objectIn(of, name)
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
