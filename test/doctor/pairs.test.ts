import { beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { FAULTS } from './support/faults.ts'
import { examineWith, expected, idsIn } from './support/run.ts'

let certificate: Certificate

beforeAll(async () => {
  certificate = await makeCertificate()
})

const PAIRS = FAULTS.flatMap((one, at) => FAULTS.slice(at + 1).map((other) => [one, other] as const))

describe('two faults at once', () => {
  test.each(PAIRS.map((pair) => ({ name: pair.map(({ name }) => name).join(' and '), pair })))(
    '$name',
    async ({ pair }) => {
      expect(idsIn(await examineWith(pair, certificate))).toEqual(expected(pair))
    },
  )
})
