import { describe, expect, it } from 'vitest'
import { type PeerRecord, readRecord, writeRecord } from '../../../src/core/peer-record.ts'
import { createPurposeKeys } from '../../../src/core/purpose-keys.ts'

const keys = createPurposeKeys(['a secret of more than thirty-two bytes, for tests'], 'limpet', 'record')
const record: PeerRecord = {
  boot: 'bootboot',
  id: 'web-1',
  url: 'http://10.0.0.3:3000',
  started: 1_800_000_000_000,
  phase: 'serving',
  hint: undefined,
}

describe('the record of a backend', () => {
  it('is read as it was written', () => {
    const phases = ['draining', 'leaving'] as const
    for (const one of [
      record,
      { ...record, url: undefined },
      { ...record, hint: 'web1' },
      ...phases.map((phase) => ({ ...record, phase })),
    ]) {
      expect(readRecord(writeRecord(one, keys), keys)).toEqual(one)
    }
  })

  it('with an address that somebody else has written counts for nothing', () => {
    const text = writeRecord(record, keys)
    expect(readRecord(text.replace('10.0.0.3', '10.0.0.9'), keys)).toBeUndefined()
    expect(readRecord('', keys)).toBeUndefined()
    const others = createPurposeKeys(['another one of more than thirty-two bytes'], 'limpet', 'record')
    expect(readRecord(writeRecord(record, others), keys)).toBeUndefined()
  })

  it('of a version of limpet that knew no hints is one without', () => {
    const text = JSON.stringify(['bootboot', 'web-1', '', 1, 0])
    expect(readRecord(keys.sign(text) + text, keys)).toMatchObject({ id: 'web-1', hint: undefined })
  })

  it('of another version of limpet, signed but in another form, counts for nothing', () => {
    for (const text of [
      'not JSON',
      '{}',
      'null',
      '["short","web-1","",1,0]',
      '["bootboot","a b","",1,0]',
      '["bootboot","web-1",7,1,0]',
      '["bootboot","web-1","",1,3]',
    ]) {
      expect(readRecord(keys.sign(text) + text, keys), text).toBeUndefined()
    }
  })
})
