import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const preload = fileURLToPath(new URL('backends/clock.ts', import.meta.url))

/** What a process with a wrong clock prints. */
function shifted(shift: number, expression: string): string {
  const args = ['--import', 'tsx', '--import', preload, '-p', expression]
  const env = { ...process.env, CLOCK_SHIFT: String(shift) }
  return execFileSync(process.execPath, args, { encoding: 'utf8', env }).trim()
}

test.each([120_000, -172_800_000])('every way to ask for the time is off by %i ms', (shift) => {
  const times = JSON.parse(shifted(shift, 'JSON.stringify([Date.now(), +new Date(), Date.parse(Date())])'))
  for (const time of times) {
    const off = time - Date.now()
    // A process takes a moment to print, and Date() knows seconds only.
    expect(Math.abs(off - shift)).toBeLessThan(60_000)
  }
})

test('what does not ask for the time is as it was', () => {
  const made = shifted(120_000, 'JSON.stringify([+new Date(5), Date.UTC(2020, 0), new Date(0) instanceof Date])')
  expect(JSON.parse(made)).toEqual([5, Date.UTC(2020, 0), true])
})
