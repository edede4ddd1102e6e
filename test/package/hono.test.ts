import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

const OUR_COOKIE = /^limpet=2[\w-]+\.[\w-]+\.[\w-]{8}\.[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/

describe('somebody with Hono installs the tarball', () => {
  let tarball: Tarball
  let project: Project

  beforeAll(async () => {
    tarball = await pack()
    project = createProject('hono')
    await project.install(tarball.path, ...asTested('hono', '@hono/node-server', '@types/node'))
  }, 180_000)
  afterAll(() => {
    project.remove()
    tarball.remove()
  })

  test.each([
    ['import', 'esm/main.js'],
    ['require', 'cjs/main.js'],
  ])('%s: on a page, on an error page, and without a server; close() ends the process', async (_how, file) => {
    const cookies = [expect.stringMatching(OUR_COOKIE)]
    expect(await project.run(file)).toEqual([
      { status: 200, text: '1', cookies },
      { status: 418, text: '2', cookies },
      { status: 200, text: '3', cookies },
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
