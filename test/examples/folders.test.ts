import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'
import { frameworks } from './support/shop.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(root + path, 'utf8')

interface Manifest {
  version: string
  scripts: { start: string }
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const manifest = (path: string) => JSON.parse(read(path)) as Manifest

describe('the folders of the examples', () => {
  beforeAll(ensureBuilt, 180_000)

  test.each(frameworks)('%s asks for the versions that the tests run with', (framework) => {
    const library = manifest('package.json')
    const { dependencies, devDependencies } = manifest(`examples/${framework}/package.json`)
    const { limpet, ...others } = { ...dependencies, ...devDependencies }
    expect(limpet).toBe(`^${library.version}`)
    const tested = Object.keys(others).map((name) => [name, library.devDependencies[name]])
    expect(others).toEqual(Object.fromEntries(tested))
  })

  test.each(frameworks)('%s is one file of at most 80 lines, which `npm start` runs', (framework) => {
    const all = readdirSync(`${root}examples/${framework}`).filter((name) => name !== 'node_modules')
    expect(all.sort()).toEqual(['README.md', 'app.ts', 'package.json', 'tsconfig.json'])
    expect(read(`examples/${framework}/app.ts`).trimEnd().split('\n').length).toBeLessThanOrEqual(80)
    // As support/shop.ts starts it.
    expect(manifest(`examples/${framework}/package.json`).scripts.start).toBe('node --import tsx app.ts')
  })

  // Each with its own configuration: what they declare of the session's shape is theirs alone.
  test.each(frameworks)(
    '%s compiles',
    (framework) => {
      const tsc = `${root}node_modules/typescript/bin/tsc`
      expect(execFileSync(process.execPath, [tsc, '-p', `${root}examples/${framework}`], { encoding: 'utf8' })).toBe('')
    },
    120_000,
  )
})
