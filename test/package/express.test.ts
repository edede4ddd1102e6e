import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { root } from './support/built.ts'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

const OUR_COOKIE = /^limpet=2[\w-]+\.[\w-]+\.[\w-]{8}\.[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/

interface Seen {
  version: string
  answers: Answer[]
  lonely: Answer
  errors: { codes: string[]; sameClass: boolean; text: string }
}
interface Answer {
  status: number
  cookies: string[]
  count: number
  state: string
  reason: string
}

describe('somebody with Express, ioredis and node-redis installs the tarball', () => {
  let tarball: Tarball
  let project: Project

  beforeAll(async () => {
    tarball = await pack()
    project = createProject('express')
    await project.install(tarball.path, ...asTested('express', 'ioredis', 'redis', '@types/express', '@types/node'))
  }, 180_000)
  afterAll(() => {
    project.remove()
    tarball.remove()
  })

  const env = () => ({ REDIS_URL: inject('redisUrl'), LIMPET_SECRET: 'a secret of somebody, more than 32 bytes' })

  test.each([
    ['import', 'esm/main.js'],
    ['require', 'cjs/main.js'],
  ])('%s: every way to a Redis serves the same session, and close() ends the process', async (_how, file) => {
    const { answers, lonely, errors, version } = (await project.run(file, env())) as Seen
    expect(answers.map(({ status, count, reason }) => [status, count, reason])).toEqual([
      [200, 1, 'no-cookie'],
      [200, 2, 'valid'],
      [200, 3, 'valid'],
    ])
    expect(lonely).toMatchObject({ status: 200, count: 1, state: 'new' })
    for (const { cookies } of [...answers, lonely]) expect(cookies).toEqual([expect.stringMatching(OUR_COOKIE)])
    expect(errors.codes).toEqual(['ERR_LIMPET_OPTIONS', 'ERR_LIMPET_OPTIONS'])
    expect(errors.sameClass).toBe(true)
    expect(errors.text).toContain('cookie')
    expect(version).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
  })

  test('TypeScript: the types hold in modules of both kinds, and what was compiled runs', async () => {
    expect(await project.tsc('tsconfig.json')).toEqual({ code: 0, stdout: '', stderr: '' })
    for (const file of ['out/app.mjs', 'out/app.cjs']) {
      const seen = await project.run(file)
      expect(seen).toEqual({
        cookies: [expect.stringMatching(OUR_COOKIE)],
        body: { cart: [{ sku: 'net', count: 1 }], user: 'ada' },
      })
    }
  }, 180_000)
})
