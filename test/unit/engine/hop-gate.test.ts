import { describe, expect, it } from 'vitest'
import { HOP_HEADER, HOP_WINDOW } from '../../../src/core/hop.ts'
import { createPurposeKeys } from '../../../src/core/purpose-keys.ts'
import { HopGate } from '../../../src/engine/process/hop-gate.ts'

const keys = createPurposeKeys(['a secret of more than thirty-two bytes, for tests'], 'limpet', 'hop')
const FROM = { address: '192.0.2.1', port: 1234, encrypted: false }

function gates() {
  const at = { now: 1_800_000_000_000 }
  let nonces = 0
  const nonce = () => `nonce-${String(++nonces).padStart(8, '0')}`
  const gate = (boot: string) => new HopGate(keys, boot, () => at.now, nonce)
  const [here, there] = [gate('here-boo'), gate('there-bo')]
  const bare = { method: 'GET', url: '/x', headers: { host: 'shop.example' } }
  /** The request as the other backend would send it. */
  const sent = (to = 'here-boo') => {
    const value = there.sign(to, FROM, bare)
    return {
      ...bare,
      headers: { ...bare.headers, [HOP_HEADER]: value },
      rawHeaders: ['Host', 'shop.example', 'Limpet-Hop', value],
    }
  }
  return { at, here, sent }
}

describe('what a peer passes on', () => {
  it('is let in, with where it came from', () => {
    const { here, sent } = gates()
    expect(here.take(sent())).toMatchObject({ verdict: 'ours', hop: FROM })
  })

  it('is let in once', () => {
    const { at, here, sent } = gates()
    const [first, second] = [sent(), sent()]
    const copy = () => ({ ...first, headers: { ...first.headers }, rawHeaders: [] })
    const [again, later] = [copy(), copy()]
    expect(here.take(first).verdict).toBe('ours')
    expect(here.take(again)).toEqual({ verdict: 'replayed', hop: undefined })
    expect(here.take(second).verdict).toBe('ours')
    at.now += HOP_WINDOW
    expect(here.take(later).verdict).toBe('replayed')
  })

  it('is not let in by the backend that it was not meant for, such as one that has started anew', () => {
    const { here, sent } = gates()
    expect(here.take(sent('old-boot'))).toEqual({ verdict: 'not-for-us', hop: undefined })
  })

  it.each([1, -1])('is good for the window, whichever clock is ahead (%i)', (direction) => {
    const { at, here, sent } = gates()
    const [first, late] = [sent(), sent()]
    at.now += direction * HOP_WINDOW
    expect(here.take(first).verdict).toBe('ours')
    at.now += direction
    expect(here.take(late)).toEqual({ verdict: 'out-of-time', hop: undefined })
  })

  it('is let in once, too, when the memory for nonces is emptied meanwhile', () => {
    const { at, here, sent } = gates()
    for (let step = 0; step < 6 * HOP_WINDOW; step += HOP_WINDOW / 20) {
      const one = sent()
      const copy = { ...one, headers: { ...one.headers }, rawHeaders: [] }
      expect(here.take(one).verdict).toBe('ours')
      at.now += HOP_WINDOW / 20
      here.take(sent())
      expect(here.take(copy).verdict).toBe('replayed')
    }
  })
})

describe('the header', () => {
  it('is taken away from both lists, whoever wrote it', () => {
    const { here, sent } = gates()
    const good = sent()
    const forged = { ...sent(), headers: { host: 'x', [HOP_HEADER]: 'made up' } }
    for (const [request, verdict] of [
      [good, 'ours'],
      [forged, 'bad-signature'],
    ] as const) {
      expect(here.take(request).verdict).toBe(verdict)
      expect(request.headers).not.toHaveProperty(HOP_HEADER)
      expect(request.rawHeaders).toEqual(['Host', 'shop.example'])
    }
  })

  it('is no matter where there is none', () => {
    const { here } = gates()
    const request = { headers: { host: 'x' }, rawHeaders: ['Host', 'x'] }
    expect(here.take(request)).toEqual({ verdict: 'none', hop: undefined })
    expect(request.rawHeaders).toEqual(['Host', 'x'])
  })
})
