import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where `limpet`'s own dependencies are found from, and where nobody else looks. */
export const buildFolder = 'node_modules/.cache/limpet-profile/'

/** The library as tsup.config.ts makes it, with source maps; resolves to the folder's URL. */
export async function mappedBuild(): Promise<string> {
  await build({ format: ['esm'], sourcemap: true, dts: false, clean: true, silent: true, outDir: buildFolder })
  return pathToFileURL(join(root, buildFolder)).href.replace(/\/$/, '')
}

interface Bundle {
  readonly lines: readonly string[]
  readonly map: SourceMap
}

const bundles = new Map<string, Bundle>()

/** A place in the build as the place in src that it came from. Lines count from 1; without a column, the line's first token. */
export function sourceOf(url: string, line: number, column?: number): { file: string; line: number; text: string } {
  const path = fileURLToPath(url)
  const { lines, map } = bundles.get(path) ?? read(path)
  const text = lines[line - 1] ?? ''
  const entry = map.findEntry(line - 1, column ?? text.search(/\S|$/))
  if (!('originalSource' in entry)) return { file: relative(root, path), line, text: text.trim() }
  const source = join(dirname(path), entry.originalSource)
  const original = readFileSync(source, 'utf8').split('\n')[entry.originalLine] ?? ''
  return { file: relative(root, source), line: entry.originalLine + 1, text: original.trim() }
}

function read(path: string): Bundle {
  const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')))
  const bundle = { lines: readFileSync(path, 'utf8').split('\n'), map }
  bundles.set(path, bundle)
  return bundle
}
