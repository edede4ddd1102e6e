import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './support/built.ts'

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limpet-fresh-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a checkout on which nothing was built', () => {
  test('npm pack, and so npm publish, builds what the package holds', async () => {
    const checkout = join(folder, 'packed')
    const made = ['dist', 'node_modules', '.git', '.cache']
    cpSync(root, checkout, { recursive: true, filter: (path) => !made.includes(basename(path)) })
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
    const { code, stdout, stderr } = await run('npm', ['pack', '--dry-run', '--json'], checkout, process.env.PATH)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[]
    const files = packed?.files.map(({ path }) => path)
    for (const entry of ['index', 'koa', 'redis', 'testing']) {
      expect(files).toEqual(expect.arrayContaining(['js', 'cjs', 'd.ts', 'd.cts'].map((end) => `dist/${entry}.${end}`)))
    }
  }, 180_000)
})

describe('scripts/run.mjs on a machine that lacks something, and where it cannot install', () => {
  /** A checkout whose packages are installed and whose library is built, as far as run.mjs can see. */
  function readyCheckout(): string {
    const checkout = mkdtempSync(join(folder, 'ready-'))
    cpSync(join(root, 'scripts', 'run.mjs'), join(checkout, 'scripts', 'run.mjs'))
    for (const name of ['src', 'dist', 'node_modules']) mkdirSync(join(checkout, name))
    for (const name of ['package.json', 'package-lock.json', 'tsup.config.ts', 'src/index.ts']) touch(checkout, name)
    for (const name of ['dist/index.d.cts', 'node_modules/.package-lock.json']) touch(checkout, name)
    return checkout
  }
  const touch = (checkout: string, name: string) => writeFileSync(join(checkout, name), '')
  /** Its PATH is one folder that holds nothing but these names. No apt-get is among them, so that nothing can be installed. */
  const start = (checkout: string, task: string, found: readonly string[] = []) => {
    const path = mkdtempSync(join(folder, 'path-'))
    for (const name of found) writeFileSync(join(path, name), '')
    return run(process.execPath, [join('scripts', 'run.mjs'), task], checkout, path)
  }

  const redis = 'redis-server is missing (the tests and benches talk to a real Redis)'
  const chromium = 'chromium is missing (the demo page is tested in a real browser)'
  const faketime = 'faketime is missing (the tests set the clock of a Redis)'
  const balancers = ['haproxy', 'nginx', 'apache2', 'caddy', 'varnishd', 'lighttpd']
  const noBalancers = balancers.map((name) => `${name} is missing (the tests run real load balancers)`).join('; ')
  const ofBalancers = 'haproxy nginx apache2-bin caddy varnish lighttpd'

  test.each([
    ['bench', [], redis, 'redis-server'],
    ['test', ['redis-server', 'chromium', ...balancers], faketime, 'faketime'],
    ['test', ['redis-server', 'faketime', ...balancers], chromium, 'chromium'],
    ['test', [], `${redis}; ${chromium}; ${faketime}; ${noBalancers}`, `redis-server chromium faketime ${ofBalancers}`],
    ['test:nodes', [], `${redis}; ${faketime}`, 'redis-server faketime'],
  ])('npm run %s, with %j on the PATH: one sentence says what to install', async (task, found, what, name) => {
    const checkout = readyCheckout()
    const before = readdirSync(checkout, { recursive: true })
    const stderr = `limpet: ${what}: install ${name.includes(' ') ? 'them' : 'it'}, for example with "apt-get install ${name}"\n`
    expect(await start(checkout, task, found)).toEqual({ code: 1, stdout: '', stderr })
    expect(readdirSync(checkout, { recursive: true })).toEqual(before)
  })

  test('nothing else is made before that is known: not even the packages are installed', async () => {
    const checkout = mkdtempSync(join(folder, 'bare-'))
    cpSync(join(root, 'scripts', 'run.mjs'), join(checkout, 'scripts', 'run.mjs'))
    expect((await start(checkout, 'test')).stderr).toMatch(/^limpet: redis-server is missing .*\n$/)
    expect(readdirSync(checkout)).toEqual(['scripts'])
  })

  test('as root, where apt-get fails: it says what apt-get could not do', async () => {
    const path = mkdtempSync(join(folder, 'path-'))
    for (const name of ['redis-server', 'faketime', ...balancers]) writeFileSync(join(path, name), '')
    const asRoot = ['--import', 'data:text/javascript,process.getuid = () => 0', join('scripts', 'run.mjs'), 'test']
    writeFileSync(join(path, 'apt-get'), '#!/bin/sh\nexit 100\n', { mode: 0o755 })
    const { code, stderr } = await run(process.execPath, asRoot, readyCheckout(), path)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `${chromium}: apt-get could not do it: install it, for example with "apt-get install chromium"\n`,
    )
  })

  test('an unknown task: the sentence names those that there are', async () => {
    expect(await start(readyCheckout(), 'tset')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^limpet: unknown task "tset"\. One of: demo, test, .*check:consistency, check:simulation\n$/,
      ),
    })
  })
})

function run(command: string, args: readonly string[], cwd: string, path = ''): Promise<Ran> {
  const { HOME, npm_config_cache } = process.env
  const env = { PATH: path, HOME, npm_config_cache }
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: 120_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    )
  })
}
