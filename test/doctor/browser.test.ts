import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { launchBrowser } from '../../examples/demo/browser.ts'
import { asPage } from '../../src/doctor/text/page.ts'
import { examineRecording, type Report } from '../../src/doctor.ts'
import { FAULTS, LIMPET_FAULTS } from './support/faults.ts'
import { examineWith, idsIn, together } from './support/run.ts'
import { startSite } from './support/site.ts'

vi.setConfig({ testTimeout: 120_000 })

const folder = mkdtempSync(join(tmpdir(), 'limpet-doctor-'))
const named = (...names: readonly string[]) => [...FAULTS, ...LIMPET_FAULTS].filter(({ name }) => names.includes(name))
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a recording of a real browser', () => {
  /** What somebody does who looks for the fault: the pages, recorded. */
  async function record(faults: ReturnType<typeof named>, paths: readonly string[]): Promise<Report> {
    const site = await startSite(together(faults).switches)
    const path = join(folder, `${Math.random()}.har`)
    const context = await browser.newContext({ recordHar: { path } })
    try {
      const page = await context.newPage()
      for (const one of paths) await page.goto(new URL(one, site.url).href)
      await context.close()
      return await examineRecording(path)
    } finally {
      await site.close()
    }
  }

  const VISIT = ['/', '/', '/login', '/', '/gone', '/']

  test.each([
    ['nothing wrong', [], []],
    ['persistence off', ['persistence off'], ['no-affinity-cookie']],
    ['the cookie is not followed', ['the cookie is not followed'], ['backend-changes']],
    ['the affinity changes on a 302', ['affinity changes on a 302'], ['affinity-changes-on-redirect']],
    ['a cookie in a shared cache', ['a shared cache may store it'], ['cookie-in-shared-cache']],
    ['limpet missing on 404', ['limpet missing on 404'], ['backend-changes', 'limpet-missing']],
  ])('%s', async (_what, faults, finds) => {
    const report = await record(named(...faults), VISIT)
    expect(report.from).toBe('recording')
    expect(idsIn(report)).toEqual(finds)
  })

  test('a 404 comes first', async () => {
    expect(idsIn(await record(named('no cookie on 4XX'), ['/gone', '/', '/']))).toEqual(['no-cookie-on-4xx'])
  })
})

describe('what is no recording gets a sentence', () => {
  const entry = (more: object = {}) => ({
    startedDateTime: '2026-11-26T08:00:00.000Z',
    time: 5,
    request: { method: 'GET', url: 'https://shop.example/', headers: [] },
    response: { status: 200, headers: [{ name: 'Set-Cookie', value: 'SERVERID=web1; Path=/; Secure' }] },
    ...more,
  })
  const archive = (...entries: unknown[]) => JSON.stringify({ log: { version: '1.2', entries } })

  test.each([
    ['nothing', '', /is no JSON/],
    ['one that was cut off', archive(entry()).slice(0, -20), /may have been cut off/],
    ['another JSON', '{"a":1}', /a HAR file has log\.entries/],
    ['an array', '[]', /a HAR file has log\.entries/],
    ['no entries', archive(), /the recording is empty/],
    ['entries that are none', archive(null, 1, { request: {} }), /the recording is empty/],
    ['no cookies', archive(entry({ response: { status: 200, headers: [] } })), /has no cookies at all/],
  ])('%s', async (_what, text, sentence) => {
    const file = join(folder, 'bad.har')
    writeFileSync(file, text)
    await expect(examineRecording(file)).rejects.toMatchObject({
      code: 'ERR_LIMPET_DOCTOR',
      message: expect.stringMatching(sentence),
    })
  })

  test('no file, and a folder', async () => {
    await expect(examineRecording(join(folder, 'none'))).rejects.toThrow(/could not be read: ENOENT/)
    await expect(examineRecording(folder)).rejects.toThrow(/could not be read: EISDIR/)
  })

  test('one that is huge', async () => {
    const file = join(folder, 'huge.har')
    writeFileSync(file, '')
    // A file with a hole takes no room.
    truncateSync(file, 150_000_000)
    await expect(examineRecording(file)).rejects.toThrow(/huge\.har has 150 MB, and at most 100 are read/)
  })

  test('a long one: its first twenty thousand requests', async () => {
    const file = join(folder, 'long.har')
    writeFileSync(file, archive(...Array.from({ length: 20_001 }, () => entry())))
    const report = await examineRecording(file)
    expect(report.exchanges).toHaveLength(20_000)
    expect(report.notChecked).toEqual([{ what: 'requests after the first 20000', why: 'there are more' }])
  })

  test('other hosts are left out, and that is said', async () => {
    const file = join(folder, 'hosts.har')
    const other = entry({ request: { method: 'GET', url: 'https://cdn.example/x.js', headers: [] } })
    writeFileSync(file, archive(entry(), other))
    const report = await examineRecording(file)
    expect(report.exchanges.map(({ url }) => url)).toEqual(['https://shop.example/'])
    expect(report.notChecked).toEqual([
      { what: 'other hosts', why: '1 other host in the recording; the checks are for shop.example' },
    ])
  })

  test('fields of the wrong kind are taken for missing', async () => {
    const file = join(folder, 'odd.har')
    const odd = entry({ request: { method: 5, url: 'https://shop.example/', headers: 'x' }, time: 'long' })
    writeFileSync(file, archive(entry(), odd, entry({ response: null })))
    expect((await examineRecording(file)).exchanges.map(({ status }) => status)).toEqual([200, 200, 0])
  })
})

describe('the page', () => {
  test.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels, %s: nothing is cut off, nothing is fetched', async (width, colorScheme) => {
    const report = await examineWith(named('affinity changes on a 302', 'an address in a cookie', 'no cookie on 4XX'))
    const file = join(folder, `${width}.html`)
    writeFileSync(file, asPage(report))
    expect(readFileSync(file, 'utf8')).not.toMatch(/<script|src=|@import|url\(/)
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) complaints.push(request.url())
    })
    await page.goto(pathToFileURL(file).href)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await page.locator('.finding').count()).toBe(report.findings.length)
    expect(await page.locator('.finding h3').first().textContent()).toMatch(/^error .* \(cause 3 of the article\)$/)

    // Each request has one mark, at the height of the name of the backend that answered it.
    const heights = await page
      .locator('.lanes span')
      .evaluateAll((all) => all.map((name) => ({ name: name.textContent, y: name.getBoundingClientRect().y + 17 })))
    const marks = await page.locator('svg .mark').evaluateAll((all) =>
      all.map((mark) => {
        const box = (mark.children[1] ?? mark).getBoundingClientRect()
        return box.y + box.height / 2
      }),
    )
    const nearest = marks.map((y) => heights.find((lane) => Math.abs(lane.y - y) < 4)?.name)
    expect(nearest).toEqual(report.exchanges.map(({ backend }) => backend))
    expect(await page.locator('svg .join.moved').count()).toBeGreaterThan(1)
    expect(await page.locator('tbody tr').count()).toBe(report.exchanges.length)
    expect(complaints).toEqual([])
    await page.close()
  })
})
