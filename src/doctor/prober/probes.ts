import { randomBytes } from 'node:crypto'
import { printed } from '../../core/printed.ts'
import { Trouble } from '../trouble.ts'
import type { Browser } from './browser.ts'
import { follow, MOST_HOPS, targetOf, type Visit } from './visit.ts'

/** New clients; as many as it takes to see each of a few backends more than once. */
export const FRESH = 6

/** The first client: finds the page behind redirects, and shows whether there is anything to check at all. */
export async function enter(visit: Visit): Promise<{ readonly client: Browser; readonly redirects: boolean }> {
  const client = visit.newClient()
  let last = await client.ask(visit.page, { probe: 'entry' })
  if (last.failure !== undefined) throw new Trouble(`${visit.page.host}: ${last.failure}`)
  let hops = 0
  for (let target = targetOf(last); target; target = targetOf(last)) {
    const shown = printed(target.url.href, 200)
    if (target.elsewhere) throw new Trouble(`the site redirects to ${shown}: name that URL, if it is the one to check`)
    hops += 1
    if (hops > MOST_HOPS) throw new Trouble(`the site redirects in a loop, at last to ${shown}`)
    last = await client.ask(target.url, { probe: 'entry' })
    if (last.failure !== undefined) throw new Trouble(`${visit.page.host}: ${last.failure}`)
  }
  visit.settleOn(new URL(last.url))
  visit.pageStatus = last.status
  return { client, redirects: hops > 0 }
}

/** The same client again and again, and once with HEAD. */
export async function repeat(visit: Visit, client: Browser): Promise<void> {
  for (let count = 0; count < visit.settings.requests; count++) await client.ask(visit.page, { probe: 'repeat' })
  await client.ask(visit.page, { probe: 'head', method: 'HEAD' })
}

/** New clients, two at a time. */
export async function fresh(visit: Visit): Promise<void> {
  for (let count = 0; count < FRESH; count += 2) {
    const pair = [visit.newClient(), visit.newClient()]
    await Promise.all(pair.map((client) => client.ask(visit.page, { probe: 'fresh' })))
  }
}

/** A client whose first answer is a 404, and one that has its cookie already. */
export async function missing(visit: Visit, client: Browser): Promise<void> {
  const given = visit.settings.missing
  const url = visit.at(given ?? `/limpet-doctor-${randomBytes(6).toString('hex')}`)
  const newcomer = visit.newClient()
  const first = await newcomer.ask(url, { probe: 'missing' })
  if (first.status < 400) {
    const why = first.failure ?? `the site answers ${first.status} to ${given ?? 'a path that nobody has made'}`
    visit.notChecked.push({ what: 'answers of 400 and above', why: `${why}; name a path with --missing` })
    return
  }
  await newcomer.ask(visit.page, { probe: 'missing' })
  await client.ask(url, { probe: 'missing' })
  await client.ask(visit.page, { probe: 'missing' })
}

/** A redirect: with a new client, with one that has its cookie, and with one that does not store the redirect's. */
export async function redirect(visit: Visit, client: Browser, entry: URL | undefined): Promise<void> {
  const { redirect: path } = visit.settings
  const url = path === undefined ? entry : visit.at(path)
  if (!url) {
    const why = 'no page is known that redirects; name one with --redirect'
    visit.notChecked.push({ what: 'redirects', why })
    return
  }
  const newcomer = visit.newClient()
  const first = await newcomer.ask(url, { probe: 'redirect' })
  const target = targetOf(first)
  if (!target) {
    const why = first.failure ?? `${printed(url.pathname, 80)} answers ${first.status}, and redirects nowhere`
    visit.notChecked.push({ what: 'redirects', why })
    return
  }
  const page = target.elsewhere ? visit.page : target.url
  await follow(newcomer, first, 'redirect')
  if (target.elsewhere) await newcomer.ask(page, { probe: 'redirect' })

  const dropping = visit.newClient()
  await dropping.ask(page, { probe: DROPPED })
  await dropping.ask(url, { probe: DROPPED, dropsCookies: true })
  await dropping.ask(page, { probe: DROPPED })

  await client.ask(visit.page, { probe: 'redirect' })
  await client.ask(url, { probe: 'redirect' })
  await client.ask(page, { probe: 'redirect' })
}

const DROPPED = 'redirect, its cookie dropped'

/** New clients that ask twice at once before they have a cookie, and then once more. */
export async function parallel(visit: Visit): Promise<void> {
  for (let count = 0; count < 2; count++) {
    const client = visit.newClient()
    await Promise.all([1, 2].map(() => client.ask(visit.page, { probe: 'parallel' })))
    await client.ask(visit.page, { probe: 'parallel' })
  }
}

/**
 * Clients that come back after a pause. Several, and in another order: one that the balancer has forgotten may be sent
 * to the same backend by chance, or because it was its turn again.
 */
export async function wait(visit: Visit): Promise<void> {
  const { wait: idle } = visit.settings
  if (idle === 0) {
    visit.notChecked.push({ what: "the balancer's own timeout", why: 'nobody paused; try --wait 70s, and longer' })
    return
  }
  const [first, second, third] = [visit.newClient(), visit.newClient(), visit.newClient()]
  for (const client of [first, second, third]) await client.ask(visit.page, { probe: 'wait' })
  await visit.pause(idle)
  for (const client of [first, third, second]) await client.ask(visit.page, { probe: 'wait', idle })
}

/** The handshake of a WebSocket, by a client that has its cookie and by a new one. */
export async function upgrade(visit: Visit, client: Browser): Promise<void> {
  const { ws } = visit.settings
  if (ws === undefined) return
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }
  await client.ask(visit.page, { probe: 'repeat' })
  // One alone may land on the right backend by chance.
  for (let count = 0; count < 3; count++) await client.ask(visit.at(ws), { probe: 'upgrade', headers })
  await visit.newClient().ask(visit.at(ws), { probe: 'upgrade', headers })
}
