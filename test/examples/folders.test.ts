import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../package/support/built.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(root + path, 'utf8')

interface Manifest {
  version: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const manifest = (path: string) => JSON.parse(read(path)) as Manifest

describe('the folders of the examples', () => {
  beforeAll(ensureBuilt, 180_000)

  test.each(['express', 'koa'])('%s asks for the versions that the tests run with', (framework) => {
    const library = manifest('package.json')
    const { dependencies, devDependencies } = manifest(`examples/${framework}/package.json`)
    const { limpet, ...others } = { ...dependencies, ...devDependencies }
    expect(limpet).toBe(`^${library.version}`)
    const tested = Object.keys(others).map((name) => [name, library.devDependencies[name]])
    expect(others).toEqual(Object.fromEntries(tested))
  })

  test.each(['shop', 'pages', 'html', 'problems', 'server', 'balance'])('%s.ts is the same in both', (file) => {
    expect(read(`examples/koa/${file}.ts`)).toBe(read(`examples/express/${file}.ts`))
  })

  // Each with its own configuration: what they declare of the session's shape is theirs alone.
  test.each(['express', 'koa'])(
    '%s compiles',
    (framework) => {
      const tsc = `${root}node_modules/typescript/bin/tsc`
      expect(execFileSync(process.execPath, [tsc, '-p', `${root}examples/${framework}`], { encoding: 'utf8' })).toBe('')
    },
    120_000,
  )
})
