import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import type { Target } from './driver/fleet.ts'
import { Scribe } from './scribe.ts'
import { table } from './table.ts'

function result(target: Target) {
  const s = new Scribe()
  s.write('k', 'a', [0, 1])
  s.read('k', null, [2, 3])
  s.write('k', 'b', [4, 5], { outcome: 'unknown' })
  const history = s.history()
  return { target, history, report: check(history) }
}

test('a table for people', () => {
  const lines = table([result('limpet')], false).split('\n')
  expect(lines[0]?.trim()).toBe('limpet')
  expect(lines).toContainEqual(expect.stringMatching(/^requests +3$/))
  expect(lines).toContainEqual(expect.stringMatching(/^answered with success +2 \(66\.7%\)$/))
  expect(lines).toContainEqual(expect.stringMatching(/^lost-write +1$/))
})

test('the same for the documentation, with what only limpet can claim left out for others', () => {
  const lines = table([result('limpet'), result('koa-session')], true).split('\n')
  expect(lines[0]).toMatch(/^\| +\| +limpet \| +koa-session \|$/)
  expect(lines[1]).toMatch(/^\| -+ \| -+: \| -+: \|$/)
  expect(lines).toContainEqual(expect.stringMatching(/^\| violations, all +\| +1 \| +1 \|$/))
  expect(lines).toContainEqual(expect.stringMatching(/^\| seen late, cookie could not know +\| +0 \| +- \|$/))
})
