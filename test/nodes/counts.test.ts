import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countsOfOutput, countsOfReport, inWords, sum } from './counts.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const passes = { fullName: 'a passes', status: 'passed' }
const fails = { fullName: 'a fails', status: 'failed' }
const report = (...files: { status: string; assertionResults: { status: string }[] }[]) => {
  const all = files.flatMap(({ assertionResults }) => assertionResults)
  const count = (wanted: string) => all.filter(({ status }) => status === wanted).length
  return JSON.stringify({ numPassedTests: count('passed'), numFailedTests: count('failed'), testResults: files })
}
const good = { status: 'passed', assertionResults: [passes, passes] }
const bad = { status: 'failed', assertionResults: [passes, fails] }
const unloadable = { status: 'failed', assertionResults: [] }

describe("what a run came to, by vitest's report and exit code", () => {
  test.each([
    ['all passed', report(good, good), 0, { passed: 4, failed: 0 }],
    ['one failed', report(good, bad), 1, { passed: 3, failed: 1 }],
    ['a file could not be loaded', report(good, unloadable), 1, { passed: 2, failed: 1 }],
    ['an error outside of tests', report(good), 1, { passed: 2, failed: 1 }],
    ['killed by a signal', report(good), null, { passed: 2, failed: 1 }],
    ['no test was found', report(), 0, { passed: 0, failed: 1 }],
    ['no report', undefined, 0, { passed: 0, failed: 1 }],
    ['an empty report', '', 1, { passed: 0, failed: 1 }],
    ['half a report', report(good).slice(0, 40), 0, { passed: 0, failed: 1 }],
    ['a report of something else', '{}', 0, { passed: 0, failed: 1 }],
  ])('%s', (_, text, code, counts) => {
    expect(countsOfReport(text, code)).toEqual(counts)
  })
})

describe('what a command came to, by its last line and exit code', () => {
  test.each([
    ['all passed', 'Node 24: 9 passed, 9 failed\n12 passed, 0 failed\n', 0, { passed: 12, failed: 0 }],
    ['some failed', '12 passed, 3 failed', 1, { passed: 12, failed: 3 }],
    ['all passed, and it failed', '12 passed, 0 failed\n', 1, { passed: 12, failed: 1 }],
    ['nothing ran', '0 passed, 0 failed\n', 0, { passed: 0, failed: 1 }],
    ['the last line is another', '12 passed, 0 failed\nkilled\n', 0, { passed: 0, failed: 1 }],
    ['nothing was printed', '', 0, { passed: 0, failed: 1 }],
  ])('%s', (_, output, code, counts) => {
    expect(countsOfOutput(output, code)).toEqual(counts)
  })
})

test('the sum is of all, and of none it is a failure', () => {
  const all = [
    { passed: 2, failed: 0 },
    { passed: 3, failed: 1 },
  ]
  expect(inWords(sum(all))).toBe('5 passed, 1 failed')
  expect(sum([])).toEqual({ passed: 0, failed: 1 })
})

describe('the programs', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'limpet-counts-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const start = (script: string, args: readonly string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const all = ['--import', 'tsx', `test/nodes/${script}.ts`, ...args]
      execFile(process.execPath, all, { cwd: root }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      )
    })

  test('sum.ts prints one line over a report and an output', async () => {
    const [whole, none, printed] = [
      file('report', report(good)),
      join(folder, 'none'),
      file('out', '9 passed, 0 failed\n'),
    ]
    expect(await start('sum', [whole, '0', printed, '0'])).toEqual({
      code: 0,
      stdout: '11 passed, 0 failed\n',
      stderr: '',
    })
    expect(await start('sum', [none, '1', printed, '0'])).toMatchObject({ code: 1, stdout: '9 passed, 1 failed\n' })
    expect(await start('sum', [whole, '0', none, '1'])).toMatchObject({ code: 1, stdout: '2 passed, 1 failed\n' })
  })

  test('main.ts says what each Node came to, then the sum', async () => {
    const { code, stdout } = await start('main', ['--node', 'own,own', '--only', 'test/unit/core/shared-cache'])
    const version = process.versions.node.replaceAll('.', '\\.')
    const one = new RegExp(`^test:nodes: Node ${version}: (\\d+) passed, 0 failed \\(\\d+ s\\)$`, 'gm')
    const counts = [...stdout.matchAll(one)].map(([, passed]) => Number(passed))
    expect(counts).toHaveLength(2)
    expect(counts[0]).toBeGreaterThan(10)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`${Number(counts[0]) * 2} passed, 0 failed`)
    expect(code).toBe(0)
  }, 60_000)

  test.each([
    ['no file is found', ['--node', 'own', '--only', 'no-file-has-this-name'], '0 passed, 1 failed'],
    ['no such program', ['--node', '/nowhere/node'], '"/nowhere/node" is not a program that can be run'],
    ['a program that is no Node', ['--node', '/bin/false'], '/bin/false does not start on this machine. Install Node'],
  ])(
    'main.ts fails when %s',
    async (_, args, said) => {
      const { code, stdout } = await start('main', args)
      expect(stdout).toContain(said)
      expect(stdout).toMatch(/^0 passed, 1 failed\n$/m)
      expect(code).toBe(1)
    },
    60_000,
  )

  test('main.ts names the options there are', async () => {
    expect(await start('main', ['--nodes', '24'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--only') })
  })
})
