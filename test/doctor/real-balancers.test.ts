import { describe, expect, test } from 'vitest'
import { examine } from '../../src/doctor.ts'
import { CONFIGURATIONS } from './support/configurations.ts'
import { startReal } from './support/real-balancers.ts'

describe('balancers of Debian, healthy and not', () => {
  test.each(CONFIGURATIONS)('$program.name: $what', async ({ program, text, fields, options, byChance, finds }) => {
    const site = await startReal(program, text, fields)
    try {
      const report = await examine(site.url, { redirect: '/login', ...options })
      const found = report.findings.filter(({ id }) => !(byChance && id === 'parallel-first-requests'))
      expect(found.map(({ id, level }) => `${level} ${id}`)).toEqual(finds)
    } finally {
      await site.close()
    }
  })
})
