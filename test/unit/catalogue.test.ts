import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** The words of a union type, as it is written. */
function membersOf(path: string, type: string): string[] {
  const [, after = ''] = read(path).split(`export type ${type} =`)
  const [union = ''] = after.split('\n\n')
  return [...union.matchAll(/'([^']+)'/g)].map(([, word = '']) => word)
}

test.each([
  ['warning', 'src/ports/events.ts', 'WarningCode'],
  ['error', 'src/core/errors.ts', 'ErrorCode'],
])('each %s has an entry with an anchor in docs/troubleshooting.md, and nothing else has', (_kind, path, type) => {
  const codes = membersOf(path, type)
  expect(codes.length).toBeGreaterThan(10)
  const isError = type === 'ErrorCode'
  const entries = [...read('docs/troubleshooting.md').matchAll(/^\| <a id="([^"]+)"><\/a>`\1`/gm)].map(
    ([, id = '']) => id,
  )
  expect(entries.filter((id) => id.startsWith('ERR_') === isError).sort()).toEqual(codes.sort())
})

test('each event has a row in docs/reference.md', () => {
  const [, union = ''] = /export type LimpetEvent =([\s\S]*?)\nexport /.exec(read('src/ports/events.ts')) ?? []
  const types = [...union.matchAll(/readonly type: '([^']+)'/g)].map(([, type = '']) => type)
  const [, events = ''] = read('docs/reference.md').split('## Events')
  const rows = [...events.matchAll(/^\| `([^`]+)` \|/gm)].map(([, type = '']) => type)
  expect(types.length).toBeGreaterThan(5)
  expect(rows.sort()).toEqual(types.sort())
})
