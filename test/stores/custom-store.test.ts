import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileTable } from '../../examples/custom-store/file-table.ts'
import { tableStore } from '../../examples/custom-store/table-store.ts'
import type { Change } from '../../src/ports/store.ts'
import { storeCases } from '../../src/testing.ts'

const example = fileURLToPath(new URL('../../examples/custom-store/', import.meta.url))
const run = promisify(execFile)

const change = (text: string): Change => {
  const set = new Map([['n', text]])
  return { set, delete: [], expect: undefined, maxBytes: 1000, seen: 0, ttl: 60_000, within: 5000 }
}
const asked = { seen: 0, touch: undefined, ttl: 60_000 }
const ending = { seen: 0, ttl: 60_000, tombstoneTtl: 60_000, markTtl: 60_000, within: 5000, age: 0 }

describe('the custom-store example', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'limpet-custom-store-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('passes the suite, run by node:test as its reader runs it', async () => {
    // The reporter that Node chooses by itself, where its output is no terminal, differs from one version to the next.
    const args = ['--import', 'tsx', '--test', '--test-reporter=tap', 'store.test.ts']
    const { stdout } = await run(process.execPath, args, { cwd: example })
    expect(stdout).toMatch(/^# fail 0$/m)
    expect(stdout).toContain(
      `# pass ${storeCases.filter(({ needs }) => needs.every((need) => need === 'labels')).length}\n`,
    )
  }, 120_000)

  test('compiles', async () => {
    const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
    const { stdout } = await run(process.execPath, [tsc, '-p', example])
    expect(stdout).toBe('')
  })

  test('asks for the versions that the tests run with', async () => {
    const manifest = async (folder: string) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const library = await manifest(fileURLToPath(new URL('../../', import.meta.url)))
    const { dependencies, devDependencies } = await manifest(example)
    const { limpet, ...others } = { ...dependencies, ...devDependencies }
    expect(limpet).toBe(`^${library.version}`)
    expect(library.devDependencies).toMatchObject(others)
  })

  test('its server goes on counting after it was killed', async () => {
    const env = { ...process.env, PORT: '0', SESSIONS: join(folder, 'sessions.json'), LIMPET_SECRET: 's'.repeat(32) }
    let cookie = ''
    for (const visits of [
      [1, 2],
      [3, 4],
    ]) {
      const server = spawn(process.execPath, ['--import', 'tsx', 'server.ts'], { cwd: example, env })
      const [line] = await once(server.stdout, 'data')
      const url = /http:\S+/.exec(String(line))?.[0] ?? ''
      for (const visit of visits) {
        const response = await fetch(url, { headers: { cookie } })
        expect(await response.text()).toBe(`visit ${visit}\n`)
        cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
      }
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
  })

  test('finds its sessions again after a restart', async () => {
    const path = join(folder, 'sessions.json')
    const first = tableStore(await fileTable(path))
    await first.write('kept', change('"what was saved"'))
    await first.write('gone', change('1'))
    await first.destroy('gone', ending)
    await writeFile(`${path}.new`, 'what a crash left behind')
    const second = tableStore(await fileTable(path))
    const kept = await second.read('kept', asked)
    expect(kept).toEqual({ kind: 'found', version: 1, behind: 0, entries: new Map([['n', '"what was saved"']]) })
    expect((await second.read('gone', asked)).kind).toBe('tombstone')
    expect(await second.write('kept', change('2'))).toEqual({ kind: 'written', version: 2, behind: 0 })
  })

  test('a write that the disk refuses rejects, has not happened, and is alone in that', async () => {
    const path = join(folder, 'data', 'sessions.json')
    const store = tableStore(await fileTable(path))
    const refused = { code: 'ERR_LIMPET_STORE', applied: false, outage: true }
    await expect(store.write('one', change('1'))).rejects.toMatchObject(refused)
    expect(await store.read('one', asked)).toEqual({ kind: 'absent' })
    await rename(await mkdtemp(join(folder, 'new-')), join(folder, 'data'))
    expect(await store.write('one', change('2'))).toEqual({ kind: 'written', version: 1, behind: 0 })
    expect(await readFile(path, 'utf8')).toContain('"2"')
  })
})
