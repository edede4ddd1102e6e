import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

let tarball: Tarball
beforeAll(async () => {
  tarball = await pack()
}, 180_000)
afterAll(() => tarball.remove())

describe('somebody with express-session changes one import', () => {
  let project: Project

  beforeAll(async () => {
    project = createProject('drop-in')
    const types = ['@types/express', '@types/express-session', '@types/node']
    await project.install(tarball.path, ...asTested('express', ...types))
  }, 180_000)
  afterAll(() => {
    project.remove()
  })

  // `require` gives the function itself, as with express-session.
  test.each([
    ['import', 'esm/main.js'],
    ['require', 'cjs/main.js'],
  ])('%s: the session holds, and close() ends the process', async (_how, file) => {
    const cookies = [expect.stringMatching(/^connect\.sid=2[\w.-]+; Path=\/; HttpOnly$/)]
    expect(await project.run(file)).toEqual([
      { text: '1', cookies },
      { text: '2', cookies },
    ])
  })

  test('TypeScript: the types of @types/express-session and what an application adds to them hold', async () => {
    expect(await project.tsc('tsconfig.json')).toEqual({ code: 0, stdout: '', stderr: '' })
    for (const file of ['out/app.mjs', 'out/app.cjs']) {
      const cookies = [expect.stringMatching(/^sid=2[\w.-]+; Max-Age=1000; Path=\/; HttpOnly(; SameSite=Lax)?$/)]
      expect(await project.run(file)).toEqual({ cookies, body: { count: 1, id: 24 } })
    }
  }, 180_000)
})

describe('somebody with koa-session changes one import', () => {
  let project: Project

  beforeAll(async () => {
    project = createProject('drop-in-koa')
    await project.install(tarball.path, ...asTested('koa', '@types/koa', '@types/koa-session', '@types/node'))
  }, 180_000)
  afterAll(() => {
    project.remove()
  })

  test('require: it is the function itself, and close() ends the process', async () => {
    const cookies = [expect.stringMatching(/^koa\.sess=2[\w.-]+; Path=\/; HttpOnly$/)]
    expect(await project.run('cjs/main.js')).toEqual({ text: '1', cookies })
  })

  test('TypeScript: the types of @types/koa-session and what an application adds to them hold', async () => {
    expect(await project.tsc('tsconfig.json')).toEqual({ code: 0, stdout: '', stderr: '' })
    const cookies = [expect.stringMatching(/^sid=2[\w.-]+; Max-Age=1000; Path=\/; HttpOnly; SameSite=Lax$/)]
    const body = { count: 1, maxAge: 1_000_000, isNew: true }
    expect(await project.run('out/app.mjs')).toEqual({ cookies, body })
  }, 180_000)
})
