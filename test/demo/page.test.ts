import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { launchBrowser } from '../../examples/demo/browser.ts'
import { spawnDemo } from '../../examples/demo/spawn.ts'

// Processes and browsers take their time on a machine that does other things as well.
vi.setConfig({ testTimeout: 120_000 })

let browser: Browser
let demo: Awaited<ReturnType<typeof spawnDemo>>
const pages: Page[] = []

beforeAll(async () => {
  demo = await spawnDemo()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await demo?.close()
})

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close()
})

interface Opened {
  readonly page: Page
  /** What the console, failed requests and other hosts have to say; empty when all is well. */
  readonly complaints: string[]
}

async function open(
  width: number,
  options: { colorScheme?: 'light' | 'dark'; motion?: boolean } = {},
): Promise<Opened> {
  const { colorScheme = 'light', motion = false } = options
  const reducedMotion = motion ? 'no-preference' : 'reduce'
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion })
  pages.push(page)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(demo.url)) complaints.push(`elsewhere: ${request.url()}`)
  })
  await page.goto(demo.url)
  await page.locator('.dot').first().waitFor()
  // The last that the page asks for by itself.
  await page.locator('[data-trial="stop"] dd').first().waitFor()
  return { page, complaints }
}

type Lane = 'alone' | 'shared' | 'sticky'

const causes = [
  ['Persistence is off', 'b1 begins, b2 lost, b3 lost, b1 kept', 'b1 begins, b2 kept, b3 kept, b1 kept', 2],
  ['The timeout is too short', 'b1 begins, b1 kept, b2 lost', 'b1 begins, b1 kept, b2 kept', 3],
  ['A 404 comes first', 'b1 begins, b2 lost, b2 lost', 'b1 begins, b2 kept, b2 kept', 2],
  ['Logging in is a 302', 'b1 begins, b2 lost, b2 lost', 'b1 begins, b2 kept, b2 kept', 2],
] as const

/** The chart of a lane, read where it is drawn: each dot by the height at which its backend's name stands, and its mark. */
async function read(page: Page, title: string, lane: Lane): Promise<string> {
  const names = page.locator(`.gutter[data-lane="${lane}"] .gutter-rows span`)
  const rows = await names.evaluateAll((all) => all.map((name) => name.getBoundingClientRect().y))
  const dots = await laneOf(page, title, lane)
    .locator('.dot')
    .evaluateAll((all) =>
      all.map((dot) => {
        const mark = dot.querySelector('use')?.getAttribute('href') ?? ''
        const box = dot.getBoundingClientRect()
        return { mark: mark.replace('#mark-', ''), x: box.x, y: box.y + box.height / 2 }
      }),
    )
  expect(dots.map(({ x }) => x)).toEqual(dots.map(({ x }) => x).sort((a, b) => a - b))
  return dots.map(({ mark, y }) => `b${rows.filter((row) => row < y).length} ${mark}`).join(', ')
}

function causeOf(page: Page, title: string) {
  return page.getByRole('article', { name: title })
}

function laneOf(page: Page, title: string, lane: Lane) {
  return causeOf(page, title).locator(`.lane[data-lane="${lane}"]`)
}

/** The limpet cookie of the first answer, from the list of what went over the wire: another one for each play. */
function cookieOf(page: Page, title: string): Promise<string | null> {
  const wire = page.locator('details', { has: page.locator('summary', { hasText: title }) })
  return wire.locator('[data-lane="sticky"] .cookie', { hasText: 'limpet=' }).first().textContent()
}

test.each(causes)(
  '%s: its button plays it again, and the dots stand where they belong',
  async (title, alone, sticky, at) => {
    const { page, complaints } = await open(1280)
    const lanes = () => Promise.all((['alone', 'shared', 'sticky'] as const).map((lane) => read(page, title, lane)))
    // The lane with a shared store keeps the session as ours does, and the page says so.
    expect(await lanes()).toEqual([alone, sticky, sticky])
    const before = await cookieOf(page, title)

    const button = page.getByRole('button', { name: `Play again: ${title}` })
    await button.focus()
    await page.keyboard.press('Enter')
    const said = `${title}. Balancer alone: Session lost at request ${at}. Shared store: Session kept. With sticky(): Session kept.`
    await page.locator('[aria-live="polite"]', { hasText: said }).waitFor({ state: 'attached' })

    expect(await lanes()).toEqual([alone, sticky, sticky])
    expect(await laneOf(page, title, 'alone').locator('.verdict').textContent()).toBe(`Session lost at request ${at}`)
    expect(await laneOf(page, title, 'sticky').locator('.verdict').textContent()).toBe('Session kept')
    expect(await cookieOf(page, title)).not.toBe(before)
    expect(await button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    expect(complaints).toEqual([])
  },
)

test('a play is drawn request by request: no dot moves when the next one comes, and the verdict comes last', async () => {
  const { page, complaints } = await open(1280, { motion: true })
  const lane = laneOf(page, 'The timeout is too short', 'alone')
  const dots = () =>
    lane.locator('.dot').evaluateAll((all) => all.map((dot) => Math.round(dot.getBoundingClientRect().x)))
  const before = await dots()
  expect(before).toHaveLength(3)
  await page.getByRole('button', { name: 'Play again: The timeout is too short' }).click()
  await lane.locator('.verdict', { hasText: 'playing' }).waitFor()
  const during = await dots()
  expect(during.length).toBeLessThan(3)
  expect(during).toEqual(before.slice(0, during.length))
  await lane.locator('.verdict', { hasText: 'Session lost at request 3' }).waitFor()
  expect(await dots()).toEqual(before)
  expect(complaints).toEqual([])
})

test('"Play all four" plays them all again', async () => {
  const { page, complaints } = await open(1280)
  const cookies = () => Promise.all(causes.map(([title]) => cookieOf(page, title)))
  const before = await cookies()
  await page.getByRole('button', { name: 'Play all four' }).click()
  await expect
    .poll(async () => (await cookies()).filter((cookie, i) => cookie !== before[i]).length, { timeout: 20_000 })
    .toBe(4)
  expect(await page.locator('.lane[data-verdict="lost"]').count()).toBe(4)
  expect(await page.locator('.lane[data-verdict="kept"]').count()).toBe(8)
  expect(complaints).toEqual([])
})

/** What stands in the card of a trial: a mark and a few words for each lane. */
async function resultsOf(page: Page, id: string): Promise<string[]> {
  const lines = page.locator(`[data-trial="${id}"] .results div`)
  return lines.evaluateAll((all) =>
    all.map((line) => {
      const mark = line.querySelector('use')?.getAttribute('href')?.replace('#mark-', '')
      return `${line.querySelector('dt')?.textContent}: ${mark}, ${line.querySelector('dd')?.textContent}`
    }),
  )
}

const tabs = (all: number) => [
  expect.stringMatching(new RegExp(`^Balancer alone: lost, kept \\d+ of ${all}$`)),
  expect.stringMatching(new RegExp(`^Shared store: lost, kept \\d+ of ${all}$`)),
  `With sticky(): kept, kept ${all} of ${all}`,
]

test('the trials: what a shared store loses and limpet keeps, and how many at once is up to the reader', async () => {
  const { page, complaints } = await open(1280)
  expect(await resultsOf(page, 'tabs')).toEqual(tabs(21))
  expect(await resultsOf(page, 'logout')).toEqual([
    'Balancer alone: lost, is back',
    'Shared store: lost, is back',
    'With sticky(): kept, stays ended',
  ])
  expect(await resultsOf(page, 'deploy')).toEqual([
    'Balancer alone: lost, lost at stop 1',
    'Shared store: kept, kept',
    'With sticky(): kept, kept',
  ])

  await page.getByLabel('How many at once').fill('30')
  await page.getByRole('button', { name: 'Play again: Many tabs at once' }).click()
  await expect.poll(() => resultsOf(page, 'tabs'), { timeout: 20_000 }).toEqual(tabs(31))
  await page.getByLabel('How many at once').fill('1')
  await page.getByRole('button', { name: 'Play again: Many tabs at once' }).click()
  expect(await page.locator('input:invalid').count()).toBe(1)
  const refused = await fetch(`${demo.url}/api/trials/tabs?at-once=1000`, { method: 'POST' })
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('from 2 to 100')])

  const before = page.locator('[aria-live="polite"]', { hasText: 'With sticky(): kept.' })
  await page.getByRole('button', { name: 'Play again: A deploy' }).click()
  await before.waitFor({ state: 'attached' })
  expect(complaints).toEqual([])
})

test('a backend that is stopped: who still has the cart, and plays go over the others', async () => {
  const { page, complaints } = await open(1280)
  const asked = async () => (await resultsOf(page, 'stop')).map((line) => line.replace(/b\d/, 'b?'))
  const at = (await resultsOf(page, 'stop'))[0]?.slice(-2) ?? ''
  await page.getByLabel('Stopped').selectOption(at)
  await page.locator('[aria-live="polite"]', { hasText: `Stopped: ${at}.` }).waitFor({ state: 'attached' })
  expect((await asked())[0]).toBe('Balancer alone: lost, lost, asked b?')
  expect((await asked()).slice(1)).toEqual([
    'Shared store: kept, kept, asked b?',
    'With sticky(): kept, kept, asked b?',
  ])

  await page.getByRole('button', { name: 'Play again: Persistence is off' }).click()
  await page.locator('[aria-live="polite"]', { hasText: 'Persistence is off.' }).waitFor({ state: 'attached' })
  const others = ['b1', 'b2', 'b3'].filter((name) => name !== at)
  const seen = await laneOf(page, 'Persistence is off', 'sticky')
    .locator('.dot')
    .evaluateAll((all) => all.map((dot) => dot.getAttribute('data-backend')))
  expect(seen).toEqual([...others, ...others])

  await page.getByLabel('Stopped').selectOption('none')
  await page.locator('[aria-live="polite"]', { hasText: 'Stopped: none.' }).waitFor({ state: 'attached' })
  expect(await asked()).toContain('Balancer alone: kept, kept, asked b?')
  expect(complaints).toEqual([])
})

test('on the wire: every answer with its raw Set-Cookie, those of the 404 without SERVERID', async () => {
  const { page } = await open(1280)
  const wire = page.locator('details', { has: page.locator('summary', { hasText: 'A 404 comes first' }) })
  await wire.locator('summary').click()
  const step = (lane: Lane, at: number) =>
    wire.locator(`[data-lane="${lane}"] li`).nth(at).locator('.asked, .answered, .cookie, .no-cookie').allTextContents()
  const ours = expect.stringMatching(/^limpet=\S+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
  const balancers = expect.stringMatching(/^SERVERID=[0-9a-f]{32}\|\d+\|\d+; Path=\/$/)
  const sessions = expect.stringMatching(/^connect\.sid=s%3A\S+; Path=\/; HttpOnly$/)
  expect(await step('sticky', 0)).toEqual(['GET /gone', '404 from b1', ours])
  expect(await step('sticky', 1)).toEqual(['GET /cart', '200 from b2', ours, balancers])
  expect(await step('alone', 0)).toEqual(['GET /gone', '404 from b1', sessions])
  expect(await step('alone', 1)).toEqual(['GET /cart', '200 from b2', balancers])
})

test('says it without colours too: every dot has its text, every verdict its words', async () => {
  const { page } = await open(1280)
  const dots = laneOf(page, 'The timeout is too short', 'alone').locator('li')
  expect(await dots.allTextContents()).toEqual([
    'POST /cart, 200 from backend 1: session begins',
    'GET /cart, 200 from backend 1: session still there',
    '90 seconds without a request',
    'GET /cart, 200 from backend 2: session gone',
  ])
})

test.each([1280, 390, 320])('nothing is wider than a window of %i pixels, whatever is open', async (width) => {
  const { page, complaints } = await open(width)
  for (const [title] of causes.slice(1)) await page.locator('summary', { hasText: title }).click()
  expect(await page.locator('details[open]').count()).toBe(4)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  expect(complaints).toEqual([])
})

test('at 390 pixels each card names the lanes and backends itself', async () => {
  const { page } = await open(390)
  const lane = laneOf(page, 'Logging in is a 302', 'sticky')
  expect(await lane.locator('.lane-title').isVisible()).toBe(true)
  expect(await lane.locator('.row-names span:visible').allTextContents()).toEqual(['b1', 'b2', 'b3'])
  expect(await page.locator('.gutter').first().isVisible()).toBe(false)
})

test.each(['light', 'dark'] as const)(
  '%s: text stands out from what is behind it (WCAG AA, 4.5 to 1)',
  async (colorScheme) => {
    const { page } = await open(1280, { colorScheme })
    const colour = (name: string) =>
      page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('${name}')`)
    for (const behind of ['--sand', '--card', '--kept-tint', '--shared-tint', '--lost-tint']) {
      for (const text of ['--ink', '--muted']) {
        expect(contrast(await colour(text), await colour(behind)), `${text} on ${behind}`).toBeGreaterThan(4.5)
      }
    }
    // Links, and the marks of the lane between.
    for (const word of ['--kept', '--lost']) {
      for (const behind of ['--sand', '--shared-tint']) {
        expect(contrast(await colour(word), await colour(behind)), `${word} on ${behind}`).toBeGreaterThan(4.5)
      }
    }
    for (const word of ['kept', 'lost']) {
      expect(contrast(await colour(`--${word}`), await colour(`--${word}-tint`)), word).toBeGreaterThan(4.5)
      expect(contrast(await colour(`--${word}`), await colour('--on-mark')), word).toBeGreaterThan(4.5)
    }
  },
)

/** WCAG 2.2: the ratio of the relative luminances of two colours written as #rgb or #rrggbb. */
function contrast(one: unknown, other: unknown): number {
  const [light = 0, dark = 0] = [luminance(String(one)), luminance(String(other))].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.trim().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

test('a demo that has ended is said on the page', async () => {
  const { page } = await open(1280)
  await page.route('**/api/causes/*', (route) => route.abort())
  await page.getByRole('button', { name: 'Play again: Persistence is off' }).click()
  await page.getByRole('alert').filter({ hasText: 'The demo does not answer.' }).waitFor()
  await page.unroute('**/api/causes/*')
  await page.getByRole('button', { name: 'Play again: Persistence is off' }).click()
  await page.getByRole('alert').waitFor({ state: 'hidden' })
  expect(await page.locator('.lane[data-verdict="lost"]').count()).toBe(4)
})

test('the server answers what it knows, nothing else, and on the loopback address only', async () => {
  expect((await fetch(`${demo.url}/../main.ts`)).status).toBe(404)
  expect((await fetch(`${demo.url}/api/causes/nothing`, { method: 'POST' })).status).toBe(404)
  for (const path of ['trials/nothing', 'stop/b4', 'else/b1']) {
    expect((await fetch(`${demo.url}/api/${path}`, { method: 'POST' })).status).toBe(404)
  }
  expect((await fetch(demo.url, { method: 'DELETE' })).status).toBe(405)
  // Another address of the same machine: a server that listens everywhere would answer there.
  await expect(fetch(demo.url.replace('localhost', '127.0.0.2'))).rejects.toThrow('fetch failed')
  const page = await fetch(demo.url)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  // Nothing is loaded from elsewhere; one link leads there.
  expect((await page.text()).match(/(\w+)="https?:[^"]*"/g)).toEqual([
    'href="https://www.alibabacloud.com/help/en/slb/session-persistence-is-invalid-when-you-use-slb"',
  ])
})

test('every link of the page leads somewhere', async () => {
  const { page } = await open(1280)
  const here = await page.locator('a:not([href^="http"])').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
  expect(here).toHaveLength(5)
  for (const href of here) {
    if (href?.startsWith('#')) expect(await page.locator(href).count()).toBe(1)
    else expect((await fetch(`${demo.url}/${href}`)).status, String(href)).toBe(200)
  }
})
