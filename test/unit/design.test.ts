import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}docs/design.md`, 'utf8')

/** Rows of the table of laws: its number, and the test files that the row names. */
const laws = [...page.matchAll(/^\| (\d+) \| .*\| ([^|]*) \|$/gm)].map(([, number = '', files = '']) => ({
  number,
  files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
}))

const tests = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => ({ file: `test/${file}`, text: readFileSync(`${root}test/${file}`, 'utf8') }))

describe('docs/design.md', () => {
  it('has the laws', () => {
    expect(laws.length).toBeGreaterThan(10)
  })

  it.each(laws)('law $number names the files whose tests carry its number', ({ number, files }) => {
    const title = new RegExp(`law ${number}\\b`, 'i')
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect(tests.find((one) => one.file === file)?.text ?? '', file).toMatch(title)
  })
})
