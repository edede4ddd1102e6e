import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { USAGE } from '../../src/doctor/command/usage.ts'
import { checks } from '../../src/doctor.ts'
import { ALWAYS, FAULTS, LIMPET_FAULTS } from './support/faults.ts'
import { TABLES, withTables } from './support/tables.ts'

const page = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8')

test('every finding has one heading, with cause, proof and repair', () => {
  const sections = page.split(/^### /m).slice(1)
  const ids = sections.map((section) => /^`([\w-]+)`/.exec(section)?.[1]).filter((id) => id !== undefined)
  expect(ids).toEqual(Object.keys(checks))
  for (const section of sections.filter((one) => one.startsWith('`'))) {
    for (const part of ['**Cause.**', '**Proof.**', '**Repair.**']) expect(section, part).toContain(part)
  }
})

test('every finding is made by a fault of the tests', () => {
  const made = new Set([
    ...ALWAYS,
    ...FAULTS.flatMap(({ finds }) => finds),
    ...LIMPET_FAULTS.flatMap(({ finds }) => finds),
  ])
  expect([...made].sort()).toEqual(Object.keys(checks).sort())
})

test('the tables are those of the tests', () => {
  for (const name of Object.keys(TABLES)) expect(page).toContain(`<!-- table: ${name} -->`)
  expect(withTables(page), 'npx tsx test/doctor/support/write-docs.ts').toBe(page)
})

test('every option of the command is on the page', () => {
  for (const [option] of USAGE.matchAll(/--[\w-]+/g)) expect(page).toContain(option)
})
