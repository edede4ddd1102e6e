import { createHash } from 'node:crypto'

/** Text that is safe to send. Made by `html` only. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined

/** A template string whose values are escaped, unless `html` made them. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(strings.reduce((text, string, i) => text + render(parts[i - 1]) + string))
}

function render(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'object') return part.map(render).join('')
  return String(part).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

const css = `
:root { --ink: #1d2b36; --soft: #5a6b78; --paper: #f5f7f6; --card: #fff; --line: #d7dfe0; --sea: #0b6470; --warn: #fff3d6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edee; --soft: #9fb0b8; --paper: #12191d; --card: #1b252a; --line: #31404a; --sea: #5cc2cd; --warn: #41361a }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 46rem; padding: 0 1rem 2rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
header, nav { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center }
header { padding: 1rem 0; border-bottom: 1px solid var(--line) }
header .name { margin-right: auto; font-size: 1.25rem; font-weight: 700; color: var(--ink); text-decoration: none }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.75rem 0 1rem }
a { color: var(--sea) }
form { margin: 0 }
button { font: inherit; font-weight: 600; padding: .45rem .9rem; border: 1px solid var(--sea); border-radius: .5rem; background: var(--sea); color: var(--card); cursor: pointer }
button.quiet { padding: .2rem .6rem; font-size: .9rem; background: none; color: var(--sea) }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid var(--sea); outline-offset: 2px }
ul.shelf { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
.shelf li, .panel { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem }
.shelf li { display: flex; flex-direction: column; gap: .35rem }
.shelf form { margin-top: auto; padding-top: .4rem }
.shelf strong { display: flex; justify-content: space-between; gap: 1rem }
p { margin: 1rem 0 }
.shelf p { margin: 0; color: var(--soft) }
label { display: block; margin: 0 0 1rem; font-weight: 600 }
input { display: block; width: 100%; max-width: 20rem; margin-top: .25rem; padding: .5rem .6rem; font: inherit; font-weight: 400; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .5rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem .5rem .5rem 0; text-align: left; border-bottom: 1px solid var(--line) }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
tr:last-child > * { border-bottom: 0 }
.notice { margin: 1rem 0 0; padding: .7rem 1rem; border-radius: .5rem; background: var(--warn) }
footer { margin-top: 2.5rem; font-size: .85rem; color: var(--soft) }
`

export const style = new Markup(`<style>${css}</style>`)

/** For every page: it is one client's, it runs no script, and it loads nothing from anywhere. */
export const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(css).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
}
