import { expect } from 'vitest'
import { cookieOf, send } from '../support/client.ts'
import { type Fault, homeOn, type Row } from './fault.ts'

const SECOND = 1000
const SHIFTS = [
  ['30 seconds', 30 * SECOND],
  ['10 minutes', 600 * SECOND],
] as const

export const clocks: Fault = {
  title: 'Clocks that differ',
  how: 'Two backends, the clock of one of them ahead; a hop is good for ten seconds, on the clock of Redis.',
  async run(stage) {
    const rows: Row[] = []
    for (const [by, shift] of SHIFTS) {
      const [right, wrong] = await stage.start([`right${shift}`, `wrong${shift}`], { shift })
      const there = await homeOn(right)
      const back = await homeOn(wrong)
      const forth = await send(wrong.port, '/who', { headers: there })
      const home = await send(right.port, '/who', { headers: back })
      expect([forth.text, home.text]).toEqual([right.id, wrong.id])
      expect(cookieOf(forth)).toBe(there.cookie)
      const rejected = [right, wrong].flatMap(({ events }) => events.filter(({ type }) => type === 'hop-rejected'))
      expect(rejected).toEqual([])
      rows.push([`\`GET\` in either direction, ${by} apart`, `${forth.status} and ${home.status}, from the owner`])
    }
    return rows
  },
}
