import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './built.ts'

/** All TypeScript of a page, in its order, as one module; what stands in two snippets is imported once. */
export function snippetsOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8')
  const lines = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].flatMap(([, snippet = '']) => snippet.split('\n'))
  if (lines.length === 0) throw new Error(`${page} shows no TypeScript`)
  return lines.join('\n')
}
