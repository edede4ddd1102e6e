import { describe, expect, it } from 'vitest'
import { createOwnedIds } from '../../../src/core/owned-id.ts'
import { createPurposeKeys } from '../../../src/core/purpose-keys.ts'

const SECRET = 'a secret of more than thirty-two bytes, for tests'
const keys = createPurposeKeys([SECRET], 'limpet', 'owned id')
const ids = createOwnedIds(keys)
const RANDOM = 'abcdefghijklmnopqrstuvwx'
const id = ids.mint('bootboot', RANDOM)

describe('an owned id', () => {
  it('says who minted it', () => {
    expect(id).toMatch(/^[\w-]{59}$/)
    expect(ids.ownerOf(id)).toBe('bootboot')
  })

  it('cannot be led elsewhere: no character of it can be changed, none added or taken away', () => {
    for (let i = 0; i < id.length; i++) {
      const changed = id.slice(0, i) + (id[i] === 'Z' ? 'Y' : 'Z') + id.slice(i + 1)
      expect(ids.ownerOf(changed), `character ${i}`).toBeUndefined()
    }
    for (const other of ['', 'o', id.slice(1), id.slice(0, -1), `${id}A`, ` ${id}`, `${id}\n`]) {
      expect(ids.ownerOf(other)).toBeUndefined()
    }
  })

  it('is nobody’s where the secret is another one', () => {
    const others = createPurposeKeys(['another one of more than thirty-two bytes'], 'limpet', 'owned id')
    expect(createOwnedIds(others).ownerOf(id)).toBeUndefined()
  })
})
