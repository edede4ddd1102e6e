import { expect } from 'vitest'
import { freePort } from '../../support/redis-server.ts'
import { cookieOf, send } from '../support/client.ts'
import { Relay } from '../support/relay.ts'
import { type Fault, homeOn, seen } from './fault.ts'

export const partition: Fault = {
  title: 'Two backends cannot reach each other, and Redis is there for both',
  how: 'Two backends that reach each other over relays; the relays refuse connections, and later take them again.',
  async run(stage) {
    const relays = [new Relay(await freePort()), new Relay(await freePort())] as const
    const urls = relays.map(({ port }) => `http://127.0.0.1:${port}`)
    const [owner, other] = await stage.start(['part1', 'part2'], { urls })
    try {
      relays[0].target = owner.port
      relays[1].target = other.port
      for (const relay of relays) await relay.open()
      const headers = await homeOn(owner)
      expect((await send(other.port, '/who', { headers })).text).toBe(owner.id)
      for (const relay of relays) await relay.close()
      const apart = await send(other.port, '/who', { headers })
      const written = await send(other.port, '/store', { method: 'POST', headers })
      const home = await send(owner.port, '/who', { headers: { cookie: cookieOf(written) } })
      for (const relay of relays) await relay.open()
      const healed = await send(other.port, '/who', { headers: { cookie: cookieOf(written) } })
      expect([apart.text, written.text, home.text, healed.text]).toEqual(['part2', 'part2', 'part1', 'part1'])
      const names = { part1: 'from the owner', part2: 'from the backend where it landed' }
      return [
        ['`GET` at the other backend', `${seen(apart, names)}; the owner stays the owner`],
        ['`POST` there that writes to its session', seen(written, names)],
        ['`GET` at the owner meanwhile', seen(home, names)],
        ['`GET` at the other backend when they reach each other again', seen(healed, names)],
      ]
    } finally {
      for (const relay of relays) await relay.close()
    }
  },
}
