import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

const OUR_COOKIE = /^limpet=2[\w-]+\.[\w-]+\.[\w-]{8}\.[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/

// The older major is tested here under a name of its own.
const [fastify5 = '', fastify4 = ''] = asTested('fastify', 'fastify4')

describe.each([
  ['Fastify 5', fastify5],
  ['Fastify 4', fastify4.replace('fastify4@npm:', '')],
])('somebody with %s installs the tarball', (_name, framework) => {
  let tarball: Tarball
  let project: Project

  beforeAll(async () => {
    tarball = await pack()
    project = createProject('fastify')
    await project.install(tarball.path, framework, ...asTested('@types/node'))
  }, 180_000)
  afterAll(() => {
    project.remove()
    tarball.remove()
  })

  test.each([
    ['import', 'esm/main.js'],
    ['require', 'cjs/main.js'],
  ])('%s: the cookie is on a page and on an error page, and app.close() ends the process', async (_how, file) => {
    expect(await project.run(file)).toEqual([
      { status: 200, text: '1', cookies: [expect.stringMatching(OUR_COOKIE)] },
      { status: 418, text: '2', cookies: [expect.stringMatching(OUR_COOKIE)] },
    ])
  })

  test('TypeScript: the types hold in modules of both kinds, and what was compiled runs', async () => {
    expect(await project.tsc('tsconfig.json')).toEqual({ code: 0, stdout: '', stderr: '' })
    for (const file of ['out/app.mjs', 'out/app.cjs']) {
      const seen = await project.run(file)
      expect(seen).toEqual({ cookies: [expect.stringMatching(OUR_COOKIE)], body: { cart: ['net'] } })
    }
  }, 180_000)
})
