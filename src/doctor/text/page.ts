import type { Diagnosis, Line, Report } from '../report.ts'
import { escaped } from './html.ts'
import { STYLE } from './page-style.ts'
import { timeline } from './timeline.ts'

/** The report as one page: no script, nothing fetched, nothing of the site's in it but escaped text. */
export function asPage(report: Report): string {
  const { target, findings, exchanges, notChecked } = report
  const found = findings.length === 0 ? '<p>None.</p>' : findings.map(findingOf).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>limpet doctor: ${escaped(target, 80)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(target, 200)}</h1>
${summary(report)}
<h2>Who answered</h2>
${exchanges.length === 0 ? '<p>Nobody was asked.</p>' : timeline(report) + LEGEND}
<h2>Findings</h2>
${found}
${notChecked.length === 0 ? '' : `<h2>Not checked</h2>\n${notChecked.map(({ what, why }) => `<p>${escaped(what)}: ${escaped(why)}</p>`).join('\n')}`}
<h2>What was asked</h2>
<div class="table" tabindex="0" role="region" aria-label="What was asked">${table(exchanges)}</div>
</main>
</body>
</html>
`
}

const VERDICTS = {
  healthy: 'Healthy: nothing of level error was found.',
  findings: 'Sessions get lost here.',
  unknown: 'Unknown: it could not be checked to the end.',
} as const

const LEGEND = `<p class="legend">Circle: answered. Diamond: redirect. Square: 400 and above. Filled: a cookie was set. Red ring: evidence of
an error. Red line: the client brought a cookie, and another backend answered.</p>`

function summary({ verdict, incomplete, backends, affinity }: Report): string {
  const names = backends.names.map((name) => escaped(name, 40)).join(', ')
  const told = backends.source === undefined ? '' : `, told apart by ${escaped(backends.source, 80)}`
  const cookies = affinity
    .map(({ name, product }) => `<code>${escaped(name, 40)}</code> (${escaped(product)})`)
    .join(', ')
  return `<p class="verdict ${verdict}">${VERDICTS[verdict]}</p>
${incomplete === undefined ? '' : `<p>Not all of it was checked: ${escaped(incomplete)}</p>`}
<p class="facts">Backends: ${names || 'nobody can tell'}${told}. Affinity cookies: ${cookies || 'none'}.</p>`
}

function findingOf({ id, level, title, cause, text, repair, evidence }: Diagnosis): string {
  const numbered = cause === undefined ? '' : ` (cause ${cause} of the article)`
  const shown = evidence.length === 0 ? '' : `<p class="facts">See ${evidence.slice(0, 12).join(', ')}.</p>`
  return `<section class="finding ${level}" data-id="${id}"><h3><span class="level">${level}</span> ${escaped(title)}${numbered}</h3>
<p>${escaped(text, 2000)}</p><p>Repair: ${escaped(repair, 2000)}</p>${shown}<p class="facts"><code>${id}</code></p></section>`
}

const MOST_ROWS = 1000

function table(lines: readonly Line[]): string {
  const rows = lines.slice(0, MOST_ROWS).map((line) => {
    const { pathname, search } = new URL(line.url)
    const cells = [
      String(line.number),
      line.client,
      line.probe,
      `${line.method} ${pathname}${search}`,
      line.status === 0 ? (line.failure ?? 'none') : String(line.status),
      line.backend ?? '?',
      line.sent.join(', '),
      line.given.join(', '),
      `${line.took} ms`,
    ]
    return `<tr>${cells.map((cell) => `<td>${escaped(cell, 120)}</td>`).join('')}</tr>`
  })
  const titles = ['', 'Client', 'Why', 'Request', 'Status', 'Backend', 'Brought', 'Was given', 'Took']
  return `<table><thead><tr>${titles.map((title) => `<th>${title}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`
}
