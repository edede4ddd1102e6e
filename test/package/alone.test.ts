import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

describe('somebody with nothing but Node installs the tarball', () => {
  let tarball: Tarball
  let project: Project

  beforeAll(async () => {
    tarball = await pack()
    project = createProject('alone')
    await project.install(tarball.path, ...asTested('@types/node'))
  }, 180_000)
  afterAll(() => {
    project.remove()
    tarball.remove()
  })

  test('the optional peers stay away', () => {
    const installed = readdirSync(join(project.dir, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).toContain('limpet')
    for (const peer of ['express', 'koa', 'fastify', 'hono', 'ioredis', 'redis', '@redis'])
      expect(installed).not.toContain(peer)
  })

  test('npx limpet works at once, and limpet/doctor loads both ways', async () => {
    const installed = readdirSync(join(project.dir, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).not.toContain('tough-cookie')
    const limpet = await project.node(['node_modules/.bin/limpet', 'doctor', 'http://127.0.0.1:1/'])
    expect(limpet).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^limpet: 127\.0\.0\.1:1: nothing/) })
    const show = "({ examine, checks }) => console.log(typeof examine, typeof checks['limpet-missing'])"
    for (const load of ["import('limpet/doctor')", "Promise.resolve(require('limpet/doctor'))"]) {
      expect(await project.node(['-e', `${load}.then(${show})`])).toMatchObject({ stdout: 'function function\n' })
    }
  })

  test.each([
    ['import', 'esm/main.js'],
    ['require', 'cjs/main.js'],
  ])('%s: every entry loads, and node:http is served', async (_how, file) => {
    expect(await project.run(file)).toEqual({
      text: 'new',
      cookies: [expect.stringMatching(/^limpet=2[\w-]+\.[\w-]+\.[\w-]{8}\.[\w-]{43}; Max-Age=86400;/)],
      entries: ['function', 'function', 'function', 'function'],
      withoutClient: { code: 'ERR_LIMPET_CLIENT', message: expect.stringMatching(/npm (i|install) ioredis/) },
    })
  })

  test.each([
    ['limpet wants no types of a framework', 'tsconfig.json'],
    ['limpet/redis wants the types of neither client', 'tsconfig.redis.json'],
    ['moduleResolution node10 finds every entry', 'tsconfig.node10.json'],
    ['lib es2021 is enough', 'tsconfig.es2021.json'],
  ])(
    'TypeScript, skipLibCheck off: %s',
    async (_what, config) => {
      expect(await project.tsc(config)).toEqual({ code: 0, stdout: '', stderr: '' })
    },
    180_000,
  )
})
