import { expect, test } from 'vitest'
import { check } from './checker/check.ts'
import { Scribe } from './scribe.ts'

const story = 1

function kindsOf(scribe: Scribe): string[] {
  return check(scribe.history(), { grace: 1000 }).violations.map(({ kind }) => kind)
}

test('an update that gives up because others are quicker has starved; one that the store refused has not', () => {
  const s = new Scribe()
  s.add('count', 0, [0, 900], { story, outcome: 'fail' })
  s.add('count', 1, [1, 2], { story })
  expect(kindsOf(s)).toEqual([])
  s.add('count', 0, [0, 900], { story, outcome: 'fail', starved: true })
  expect(kindsOf(s)).toEqual(['starved'])
})

test('two updates that made the same value of one counter lost one, unless a failover lay between', () => {
  const s = new Scribe()
  s.add('count', 1, [0, 1], { story })
  s.add('count', 2, [2, 3], { story })
  s.failover(4, 5)
  s.add('count', 2, [6, 7], { story })
  expect(kindsOf(s)).toEqual([])
  s.add('count', 2, [8, 9], { story })
  expect(kindsOf(s)).toEqual(['lost-update'])
})
