import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { play } from './scenario.ts'
import { Pool } from './support/pool.ts'
import { type Program, programs } from './support/programs.ts'
import { exampleOf, RunningBalancer, versionOf } from './support/running.ts'
import { PHASES, type Result } from './support/stage.ts'
import { Visitor } from './support/visitor.ts'
import { cellsOf } from './table.ts'

/** As long as Caddy's own policy finds the owner down, it tells the client of another backend, and is told of the owner a request later. */
const tellsItself = ({ config }: Program) => config === 'Caddyfile.cookie'
/** It has nobody to ask in the place of a backend that is down. */
const hasNoSecondChoice = ({ command }: Program) => command === 'lighttpd'

let results: readonly Result[]
beforeAll(async () => {
  const missing = programs.filter((program) => versionOf(program) === undefined)
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(({ debian }) => debian))].join(' ')
    throw new Error(
      `${missing.map(({ title }) => title).join(', ')}: not installed. "npm test" installs what is missing where it may; else "apt-get install ${packages}"`,
    )
  }
  results = await play(inject('redisUrl'))
}, 120_000)

const of = (program: Program, hinted: boolean) => {
  const result = results.find((one) => one.program === program && one.hinted === hinted)
  if (!result) throw new Error(`${program.title} did not play`)
  return result
}

describe.each(programs)('$title, configured by examples/balancers/$config', (program) => {
  it('sends each client to its owner with the hint: through 404, 302, WebSockets, a lost cookie, a restart and a drain', () => {
    const { shares, wrong } = of(program, true)
    for (const phase of PHASES) {
      const { landed, of } = shares[phase]
      if (phase === 'restart' && tellsItself(program)) continue
      expect({ phase, landed }).toEqual({ phase, landed: of })
    }
    expect(wrong).toBe(0)
  })

  it('does not without it', () => {
    const { shares } = of(program, false)
    const all = PHASES.map((phase) => shares[phase]).filter(({ landed, of }) => landed < 0.7 * of)
    expect(all.length).toBeGreaterThanOrEqual(tellsItself(program) ? 1 : 4)
  })

  it('loses no session, and no request', () => {
    for (const hinted of [true, false]) {
      const { failed, lost } = of(program, hinted)
      expect(lost).toBe(0)
      if (!hasNoSecondChoice(program)) expect(failed).toBe(0)
    }
  })

  it('stands in the table of docs/balancers.md with what came out here', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/balancers.md', import.meta.url)), 'utf8')
    const rows = [...page.matchAll(/^\| (.*) \|$/gm)].map(([, text = '']) => text.split(' | '))
    const row = rows.find(([name, hint]) => name?.replace(/ [\d.]+$/, '') === program.title && hint === 'yes')
    // Of what fails the moment decides, and of a restart where the balancer tells clients itself.
    const moments = tellsItself(program) ? [6, 8] : [8]
    const steady = (cells: readonly string[] = []) => cells.filter((_, i) => !moments.includes(i))
    expect(steady(row?.slice(1))).toEqual(steady(cellsOf(of(program, true))))
  })

  it('is shown there by lines of that file', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/balancers.md', import.meta.url)), 'utf8')
    const example = readFileSync(exampleOf(program), 'utf8').split('\n')
    const shown = [...page.matchAll(/^```(\S+)\n(.*?)^```$/gms)].filter(([, name]) => name === program.config)
    expect(shown).toHaveLength(1)
    for (const line of shown[0]?.[2]?.trimEnd().split('\n') ?? []) expect(example).toContain(line)
  })
})

describe('a browser behind HAProxy, whose balancer cookie was lost', () => {
  const haproxy = programs[0] as Program
  let pool: Pool
  let balancer: RunningBalancer
  beforeAll(async () => {
    pool = await Pool.start('hops', inject('redisUrl'), haproxy.hintOf)
    balancer = await RunningBalancer.start(haproxy, pool.ports)
  })
  afterAll(async () => {
    await balancer?.stop()
    await pool?.stop()
  })

  it('makes one hop, and no other one', async () => {
    const visitor = new Visitor('browser', balancer.port, pool.landings)
    const { owner, session } = await visitor.ask('/store')
    await visitor.loseHint()
    const hops: number[] = []
    for (const path of ['/', '/', '/missing', '/out', '/']) {
      const visit = await visitor.ask(path)
      expect([visit.owner, visit.session]).toEqual([owner, session])
      hops.push(visit.landed === owner ? 0 : 1)
    }
    expect(hops).toEqual([1, 0, 0, 0, 0])
  })
})
