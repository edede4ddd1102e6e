import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const docs = new URL('../../docs/', import.meta.url)

/** Puts what was measured between `<!-- bench NAME -->` and `<!-- end of bench NAME -->` of a document. */
export function intoDocs(file: string, name: string, text: string): void {
  const path = fileURLToPath(new URL(file, docs))
  writeFileSync(path, filled(readFileSync(path, 'utf8'), name, text))
  process.stderr.write(`bench: docs/${file}, "${name}", is of this run now\n`)
}

/** Throws when there is no such place: better before hours of measuring than after. */
export function placeInDocs(file: string, name: string): void {
  filled(readFileSync(fileURLToPath(new URL(file, docs)), 'utf8'), name, '')
}

export function filled(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end of bench ${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the document has no place for "${name}": ${begin} ... ${end}`)
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`
}
