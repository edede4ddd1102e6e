import { beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { FAULTS, LIMPET_FAULTS } from './support/faults.ts'
import { examineWith, expected, idsIn } from './support/run.ts'

let certificate: Certificate

beforeAll(async () => {
  certificate = await makeCertificate()
})

describe('the doctor finds exactly what is wrong', () => {
  test('nothing: with a healthy site', async () => {
    const report = await examineWith([])
    expect(idsIn(report)).toEqual(expected([]))
    expect(report.verdict).toBe('healthy')
  })

  test.each(FAULTS)('$name', async (fault) => {
    expect(idsIn(await examineWith([fault], certificate))).toEqual(expected([fault]))
  })

  test.each(LIMPET_FAULTS)('$name', async (fault) => {
    expect(idsIn(await examineWith([fault]))).toEqual([...fault.finds].sort())
  })
})
