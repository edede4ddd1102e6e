import { printed } from '../../core/printed.ts'
import type { Observations } from '../observations.ts'
import { Trouble } from '../trouble.ts'
import { enter, FRESH, fresh, missing, parallel, redirect, repeat, upgrade, wait } from './probes.ts'
import { type ExamineOptions, type Settings, settingsOf } from './settings.ts'
import { type NotChecked, Visit } from './visit.ts'

/** What was seen of a site, and what was not. */
export interface Observed {
  readonly observations: Observations
  readonly notChecked: readonly NotChecked[]
  /** Why it is not all that was to be seen; undefined: it is. */
  readonly incomplete: string | undefined
}

/**
 * Asks a site about forty times, with GET and HEAD, two at a time at most, and never another host.
 *
 * @param url The page to ask for: http or https.
 * @throws `ERR_LIMPET_DOCTOR` when there is nothing to look at, with the reason: the name does not resolve, say.
 */
export async function observe(url: string | URL, options: ExamineOptions = {}): Promise<Observed> {
  const target = readUrl(url)
  const ends = new AbortController()
  const settings = settingsOf(options, ends.signal)
  const interrupt = () => ends.abort(INTERRUPTED)
  if (options.signal?.aborted) interrupt()
  options.signal?.addEventListener('abort', interrupt, { once: true })
  const limit = setTimeout(() => ends.abort(TIME_LIMIT), settings.timeout + settings.wait)
  const visit = new Visit(target, settings, totalOf(settings))
  try {
    await visitAll(visit, target)
    return seen(visit, failed(visit.observations()) ?? refused(visit))
  } catch (error) {
    if (!ends.signal.aborted) throw error
    if (visit.observations().exchanges.length === 0) throw new Trouble(`${target.host}: ${ends.signal.reason}`)
    return seen(visit, String(ends.signal.reason))
  } finally {
    clearTimeout(limit)
    options.signal?.removeEventListener('abort', interrupt)
  }
}

const INTERRUPTED = 'it was interrupted'
const TIME_LIMIT = 'the time limit was reached; --timeout sets another'

async function visitAll(visit: Visit, target: URL): Promise<void> {
  const { client, redirects } = await enter(visit)
  await repeat(visit, client)
  await fresh(visit)
  await missing(visit, client)
  await redirect(visit, client, redirects ? target : undefined)
  await parallel(visit)
  await upgrade(visit, client)
  await wait(visit)
}

/** Roughly; probes that find nothing to ask ask less. */
function totalOf({ requests, ws, wait }: Settings): number {
  return 1 + requests + 1 + FRESH + 4 + 8 + 6 + (ws === undefined ? 0 : 5) + (wait === 0 ? 0 : 6)
}

function seen(visit: Visit, incomplete: string | undefined): Observed {
  return { observations: visit.observations(), notChecked: visit.notChecked, incomplete }
}

function failed({ exchanges }: Observations): string | undefined {
  const [first, ...more] = exchanges.filter(({ failure }) => failure !== undefined)
  if (!first) return undefined
  return `${more.length + 1} of ${exchanges.length} requests got no answer: ${first.failure}`
}

/** Why what was seen is not what visitors see. */
function refused(visit: Visit): string | undefined {
  const { pageStatus, page } = visit
  const limited = visit.observations().exchanges.filter(({ status }) => status === 429).length
  if (limited > 0) return `the site limits requests: it answered 429 to ${limited} of them; wait, and try --requests 3`
  if (pageStatus < 400) return undefined
  const path = printed(page.pathname, 80)
  return `${path} answers ${pageStatus}: name a page that visitors see, or what it takes with --header or --cookie`
}

function readUrl(given: string | URL): URL {
  const text = String(given)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Trouble(`${printed(text, 80)} is no URL to check: write it whole, as in https://example.com/`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new Trouble("take the name and password out of the URL: write --header 'Authorization: ...'")
  }
  url.hash = ''
  return url
}
