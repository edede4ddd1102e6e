import { expect, test } from 'vitest'
import { examine } from '../../src/doctor.ts'
import { idsIn } from './support/run.ts'
import { startSite } from './support/site.ts'

/** A balancer that forgets a client after a minute, and a doctor whose pauses put its clock forward. */
async function pausing(seconds: number, limpet?: object) {
  let now = 1000
  const balancer = { timeout: 60_000, clock: () => now }
  const site = await startSite(limpet ? { balancer, limpet } : { balancer })
  try {
    const wait = seconds * 1000
    return await examine(site.url, {
      redirect: '/login',
      wait,
      pause: async (milliseconds) => {
        now += milliseconds
      },
    })
  } finally {
    await site.close()
  }
}

test('a pause that is longer than the timeout shows it', async () => {
  const report = await pausing(90)
  expect(idsIn(report)).toEqual(['parallel-first-requests', 'timeout-too-low'])
  const [finding] = report.findings
  expect(finding).toMatchObject({ id: 'timeout-too-low', level: 'error', cause: 2, args: { waited: 90 } })
  expect(finding?.text).toMatch(/^After a pause of 90 seconds the balancer had forgotten the client: it went from b/)
})

test('a shorter one shows nothing', async () => {
  const report = await pausing(30)
  expect(idsIn(report)).toEqual(['parallel-first-requests'])
  expect(report.notChecked).toEqual([])
})

test('with limpet it is a note: no session is lost', async () => {
  const report = await pausing(90, {})
  expect(report.findings.map(({ id, level }) => `${level} ${id}`)).toEqual(['note timeout-too-low'])
  expect(report.verdict).toBe('healthy')
})
