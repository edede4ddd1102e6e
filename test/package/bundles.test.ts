import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outside } from '../redis/support/clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { root } from './support/built.ts'
import { BUNDLES, withoutClient } from './support/bundlers.ts'
import { asTested, createProject, type Project } from './support/project.ts'
import { pack, type Tarball } from './support/tarball.ts'

let redis: RedisServer
let tarball: Tarball
let project: Project
/** Where a bundle is run: nothing is installed there. */
let elsewhere: string
/** The project once more, in a folder with an odd name. */
let odd: string

beforeAll(async () => {
  redis = await startRedis()
  tarball = await pack()
  project = createProject('bundles')
  await project.install(tarball.path, ...asTested('ioredis', '@types/node'))
  elsewhere = mkdtempSync(join(tmpdir(), 'limpet-elsewhere-'))
  // A name that URLs and shells read in another way.
  odd = mkdtempSync(join(tmpdir(), 'limpet #1 100% ä '))
  cpSync(project.dir, odd, { recursive: true })
}, 180_000)
afterAll(async () => {
  project.remove()
  tarball.remove()
  for (const folder of [elsewhere, odd]) rmSync(folder, { recursive: true, force: true })
  await redis.stop()
})

const env = () => ({ REDIS_URL: redis.url, LIMPET_SECRET: 'a secret of the tests, of more than 32 bytes' })
const bin = (...path: string[]) => join(root, 'node_modules', ...path)

beforeEach(async () => {
  const admin = outside(redis.url)
  await admin.flushall()
  admin.disconnect()
})

/** What a client saw in its two visits, and how many sessions Redis has. */
async function seen(stdout: string): Promise<unknown> {
  const admin = outside(redis.url)
  const sessions = await admin.dbsize()
  admin.disconnect()
  const line = stdout.split('\n').find((one) => one.startsWith('['))
  return { visits: JSON.parse(line ?? 'null'), sessions }
}
const KEPT = { visits: ['1', '2'], sessions: 1 }

describe('REDIS_URL works', () => {
  test.each([
    ['as an ES module', ['app.mjs']],
    ['as CommonJS', ['app.cjs']],
    ['with a global document', ['--require', './document.cjs', 'app.cjs']],
    ['in a vm context, as a realm of its own', ['context.cjs']],
    ['with tsx', [bin('tsx', 'dist', 'cli.mjs'), 'app.ts']],
    ['with ts-node', [bin('ts-node', 'dist', 'bin.js'), 'app.ts']],
    ['in Jest', [bin('jest', 'bin', 'jest.js'), '--rootDir=.', '--runInBand', 'jest']],
    ['in Vitest', [bin('vitest', 'vitest.mjs'), 'run', '--root=.', 'vitest.test.mjs', '--disable-console-intercept']],
  ])('%s', async (_how, args) => {
    const { stdout, stderr, code } = await project.node(args, env())
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(await seen(stdout)).toEqual(KEPT)
  })

  test.each(['app.mjs', 'app.cjs'])('in a folder with an odd name: %s', async (file) => {
    const { stdout, stderr, code } = await project.node([file], env(), odd)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await seen(stdout)).toEqual(KEPT)
  })

  test.each(BUNDLES)('in a bundle: %s', async (_how, bundle) => {
    const file = await bundle(project.dir, elsewhere)
    const { stdout, stderr, code } = await project.node([file], env(), elsewhere)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await seen(stdout)).toEqual(KEPT)
  })
})

describe('where the client is not in the bundle and not beside it', () => {
  test('ES modules: each call rejects, and says so', async () => {
    const file = await withoutClient(project.dir, elsewhere)
    const { stdout, stderr } = await project.node([file], env(), elsewhere)
    expect(stderr).toMatch(/\[LIMPET_NO_CLIENT\] LimpetWarning: REDIS_URL is set and no Redis client is installed/)
    const { visits } = (await seen(stdout)) as { visits: string[] }
    expect(visits[0]).toContain('REDIS_URL is set and no Redis client is installed: "npm install ioredis"')
  })
})
