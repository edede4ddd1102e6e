import { execFileSync } from 'node:child_process'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './support/built.ts'
import { pack, type Tarball } from './support/tarball.ts'

describe('the tarball', () => {
  let tarball: Tarball
  const read = (path: string) => execFileSync('tar', ['-xzOf', tarball.path, `package/${path}`], { encoding: 'utf8' })

  beforeAll(async () => {
    tarball = await pack()
  })
  afterAll(() => tarball.remove())

  test('holds the build, the documents of the package and nothing else', () => {
    const others = tarball.files.filter((path) => !/^dist\/[\w-]+\.(js|cjs|d\.ts|d\.cts)$/.test(path))
    expect(others.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cockatiel.LICENSE',
      'dist/tldts.LICENSE',
      'dist/tough-cookie.LICENSE',
      'package.json',
    ])
    // Of these, 115,000 are the doctor, which the middleware never loads: half of that is the list of public suffixes.
    expect(tarball.size).toBeLessThan(450_000)
  })

  test('has a file behind every path of "exports"', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: unknown }
    const paths = leaves(exports)
    expect(paths.length).toBeGreaterThan(12)
    for (const path of paths) expect(tarball.files).toContain(path.replace('./', ''))
  })

  test('says nothing of the machine that built it', () => {
    const places = [root, `${homedir()}/`, `${tmpdir()}/`, 'file:///']
    for (const path of tarball.files) {
      const text = read(path)
      for (const place of places) expect(text.includes(place), `${path} names ${place}`).toBe(false)
    }
  })

  test('publint finds nothing, hints included', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, pack: 'npm', level: 'suggestion', strict: true })
    // TypeScript wants lists there.
    const others = messages.filter(({ path }) => !path.includes('typesVersions'))
    expect(others.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  // All ways of resolution, node10 too: it reads no "exports", and finds the subpaths by "typesVersions".
  test('attw finds the right types behind every entry, for import and for require', () => {
    const attw = join(root, 'node_modules', '.bin', 'attw')
    const args = [tarball.path, '--format', 'json', '--no-definitely-typed']
    const { analysis } = JSON.parse(run(attw, args)) as {
      analysis: { problems: { kind: string; resolutionKind?: string }[]; entrypoints: Record<string, unknown> }
    }
    expect(Object.keys(analysis.entrypoints)).toEqual(
      expect.arrayContaining([
        '.',
        './koa',
        './fastify',
        './hono',
        './redis',
        './hints',
        './testing',
        './doctor',
        './express-session',
        './koa-session',
        './metrics',
        './opentelemetry',
        './undici',
        './package.json',
      ]),
    )
    expect(analysis.problems).toEqual([])
  }, 120_000)
})

function leaves(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(leaves)
}

/** The output, whatever the exit code. */
function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout)
  }
}
