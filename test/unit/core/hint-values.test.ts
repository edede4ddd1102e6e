import { describe, expect, it } from 'vitest'
import { apacheRoute, caddyUpstream, traefikServer } from '../../../src/hints.ts'

const SECRET = 'sixteen bytes or more'
const refusal = (call: () => unknown) => {
  try {
    call()
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('was taken')
}

describe('limpet/hints', () => {
  it('apacheRoute: a dot, and the route', () => {
    expect(apacheRoute('web1')).toBe('.web1')
    for (const route of ['', 'a.b', '10.0.0.3', undefined as never]) {
      expect(refusal(() => apacheRoute(route)).code).toBe('ERR_LIMPET_OPTIONS')
    }
  })

  // By `printf 10.0.0.3:3000 | openssl dgst -sha256 -hmac 'sixteen bytes or more'`; Caddy itself is asked in test/balancers.
  it("caddyUpstream: the upstream's address, signed with Caddy's secret", () => {
    expect(caddyUpstream('10.0.0.3:3000', SECRET)).toBe(
      'ae4931885b1ac46591157f8b64b9834ce5db876465cc6fa41bba031bc6e7ef66',
    )
  })

  it('caddyUpstream: without a secret that nobody finds by trying, it would be an address (law 10)', () => {
    for (const secret of ['', 'short', undefined as never]) {
      const { code, message } = refusal(() => caddyUpstream('10.0.0.3:3000', secret))
      expect([code, message]).toEqual(['ERR_LIMPET_OPTIONS', expect.stringContaining('at least 16 bytes')])
    }
    for (const dial of ['http://10.0.0.3:3000', '10.0.0.3', '10.0.0.3:3000/', '']) {
      expect(refusal(() => caddyUpstream(dial, SECRET)).message).toContain('a host and a port without a scheme')
    }
    for (const dial of ['web1:3000', '[fd00::3]:3000']) expect(caddyUpstream(dial, SECRET)).toMatch(/^[\da-f]{64}$/)
  })

  // By `printf http://web1:3000 | sha256sum | cut -c1-16`
  it('traefikServer: a short hash of the URL', () => {
    expect(traefikServer('http://web1:3000')).toBe('248ad9eb1cb786d3')
    expect(refusal(() => traefikServer('web1')).message).toContain("like 'http://web1:3000'")
  })

  it('traefikServer: of an IP address only for who asks for it by name (law 10)', () => {
    for (const host of [
      '10.0.0.3',
      '8.8.8.8',
      '167772163',
      '0xa000003',
      '[fd00::3]',
      'ip-10-0-0-3.eu-west-1.internal',
    ]) {
      const url = `http://${host}:3000`
      expect(refusal(() => traefikServer(url)).message, url).toContain('disclosesAddress: true')
      expect(traefikServer(url, { disclosesAddress: true })).toMatch(/^[\da-f]{16}$/)
    }
  })
})
