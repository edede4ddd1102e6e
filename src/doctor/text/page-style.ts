/** Nothing is fetched: system fonts, colours of its own for light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b2733; --soft: #5a6875; --paper: #fbfcfd; --card: #fff; --line: #d5dde4;
  --red: #b3261e; --amber: #8a5a00; --blue: #1f5f99; --green: #1c6b3a }
@media (prefers-color-scheme: dark) { :root { --text: #e6ebf0; --soft: #a3b0bc; --paper: #12181e; --card: #1a222a; --line: #34404b;
  --red: #ff8a80; --amber: #f0b95b; --blue: #8cc3f5; --green: #7fd39c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 1220px; margin: 0 auto; padding: 24px 16px 48px }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 32px 0 12px }
h3 { font-size: 1rem; margin: 0 0 4px }
p { margin: 4px 0; overflow-wrap: anywhere }
code { font: 0.875em ui-monospace, monospace; overflow-wrap: anywhere }
.verdict { font-weight: 600 }
.healthy { color: var(--green) } .findings, .unknown { color: var(--red) }
.facts { color: var(--soft) }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 5px solid; border-radius: 6px; padding: 12px 16px; margin: 12px 0 }
.finding > * { color: var(--text) }
.error { border-left-color: var(--red) } .warning { border-left-color: var(--amber) } .note { border-left-color: var(--blue) }
.finding .level { font-weight: 600 }
.error .level { color: var(--red) } .warning .level { color: var(--amber) } .note .level { color: var(--blue) }
.timeline { display: flex; margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 0 8px 12px }
.lanes { flex: none; max-width: 30%; padding-top: 24px }
.lanes span { display: block; height: 34px; line-height: 34px; font: 0.8125rem/34px ui-monospace, monospace; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.scroll { overflow-x: auto; flex: 1; min-width: 0 }
svg { display: block }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); paint-order: stroke; stroke: var(--card); stroke-width: 4px }
.rule, .tick { stroke: var(--line) }
.join { stroke: var(--soft); stroke-width: 1.5; opacity: 0.6 }
.join.moved { stroke: var(--red); stroke-width: 2; opacity: 1 }
.mark { stroke: var(--blue); stroke-width: 2; fill: var(--card) }
.mark.given { fill: var(--blue) }
.mark.failed { stroke: var(--amber) } .mark.failed.given { fill: var(--amber) }
.ring { fill: none; stroke: var(--red); stroke-width: 2 }
.legend { color: var(--soft); font-size: 0.875rem }
.table { overflow-x: auto }
table { border-collapse: collapse; font-size: 0.875rem; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 }
td { overflow-wrap: anywhere; min-width: 2.5em }
`
