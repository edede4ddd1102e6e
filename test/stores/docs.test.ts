import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

test('what docs/stores.md quotes of the example is what the example says', () => {
  const sources = ['table.ts', 'table-store.ts', 'file-table.ts', 'store.test.ts'].map((file) =>
    read(`examples/custom-store/${file}`),
  )
  const blocks = [...read('docs/stores.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
  // The first shows how a store is handed over.
  expect(blocks.shift()).toContain('sticky({ store })')
  expect(blocks.length).toBeGreaterThanOrEqual(5)
  for (const block of blocks)
    expect(
      sources.filter((source) => source.includes(block)),
      block,
    ).toHaveLength(1)
})
