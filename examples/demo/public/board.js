import { h, mark, s } from './dom.js'

export const backends = ['b1', 'b2', 'b3']

/** The lanes, in the words that the page uses for them. */
export const lanes = [
  { id: 'alone', title: 'Balancer alone' },
  { id: 'shared', title: 'Shared store' },
  { id: 'sticky', title: 'With sticky()' },
]

const outcomes = {
  begins: 'session begins',
  kept: 'session still there',
  lost: 'session gone',
  failed: 'request failed',
}

/** The names of lanes and backends, at the left of a wide board. On a narrow one each chart says them itself. */
export function gutter() {
  return lanes.map((lane) =>
    h(
      'div',
      { class: 'gutter', 'data-lane': lane.id, 'aria-hidden': 'true' },
      h('b', null, lane.title),
      h('div', { class: 'gutter-rows' }, ...Array.from(backends, (_, i) => h('span', null, `backend ${i + 1}`))),
    ),
  )
}

/** One cause: what goes wrong, its button, and a chart for each lane. */
export function causeOf(cause, number, onPlay) {
  const title = `cause-${cause.id}`
  return h(
    'article',
    { class: 'cause', 'data-cause': cause.id, 'aria-labelledby': title },
    h(
      'div',
      { class: 'cause-head' },
      h('span', { class: 'number', 'aria-hidden': 'true' }, String(number)),
      h('h3', { id: title }, cause.title),
      h('p', null, cause.why),
      h(
        'button',
        { type: 'button', class: 'button', 'aria-label': `Play again: ${cause.title}`, click: onPlay },
        'Play again',
      ),
    ),
    axis(cause),
    ...lanes.map((lane) => h('figure', { class: 'lane', 'data-lane': lane.id })),
  )
}

/** Which request stands in which column. The charts say it again for those who do not see it. */
function axis(cause) {
  const cells = columnsOf(cause.steps).map(({ step, idle }) => {
    if (!step) return h('span', { class: 'request' }, h('span', { class: 'method' }, `${idle / 1000} s`), 'pause')
    const status = step.begins && step.begins !== 200 ? h('span', { class: 'status' }, String(step.begins)) : undefined
    return h('span', { class: 'request' }, status, h('span', { class: 'method' }, step.method), step.path)
  })
  const line = h('div', { class: 'axis', 'aria-hidden': 'true' }, ...cells)
  line.style.gridTemplateColumns = `repeat(${cells.length}, minmax(0, 1fr))`
  return line
}

/** A column for each request, and one for each pause before a request. */
function columnsOf(steps) {
  return steps.flatMap((step) => (step.idle ? [{ idle: step.idle }, { step }] : [{ step }]))
}

/** Draws the first `upTo` requests of a play into its lane; the verdict comes with the last. */
export function draw(figure, play, upTo = play.steps.length) {
  const lane = lanes.find(({ id }) => id === figure.dataset.lane)
  const columns = columnsOf(play.steps)
  const shown = columns.slice(0, columns.findIndex(({ step }) => step === play.steps[upTo - 1]) + 1)
  const done = upTo >= play.steps.length
  figure.dataset.verdict = done ? play.verdict : ''
  figure.replaceChildren(
    h(
      'figcaption',
      null,
      h('span', { class: 'lane-title' }, lane.title),
      h('span', { class: 'verdict' }, ...(done ? [mark(play.verdict), verdictOf(play)] : ['playing'])),
    ),
    h(
      'div',
      { class: 'chart' },
      h('div', { class: 'row-names', 'aria-hidden': 'true' }, ...backends.map((name) => h('span', null, name))),
      h('div', { class: 'plot' }, threads(columns, shown), dots(columns, shown)),
    ),
  )
}

export function verdictOf(play) {
  if (play.verdict === 'kept') return 'Session kept'
  if (play.verdict === 'failed') return 'Did not work'
  return `Session lost at request ${play.steps.findIndex(({ outcome }) => outcome === 'lost') + 1}`
}

/** An answer that no backend gave, as when the balancer reached none, stands in the middle. */
function rowOf(step) {
  const row = backends.indexOf(step.backend)
  return row < 0 ? 1 : row
}

function nameOf(step) {
  return backends.includes(step.backend) ? `backend ${rowOf(step) + 1}` : 'no backend'
}

/** As many columns as the whole play has, from the first dot on: no dot moves when the next one comes. */
function dots(columns, shown) {
  const list = h('ol', { class: 'dots' }, ...shown.map(dot))
  list.style.gridTemplateColumns = `repeat(${columns.length}, minmax(0, 1fr))`
  return list
}

function dot({ step, idle }, column) {
  const item = step
    ? h(
        'li',
        { class: 'dot', 'data-backend': step.backend, 'data-outcome': step.outcome },
        mark(step.outcome),
        h(
          'span',
          { class: 'hushed' },
          `${step.method} ${step.path}, ${step.status} from ${nameOf(step)}: ${outcomes[step.outcome]}`,
        ),
      )
    : h('li', { class: 'idle' }, h('span', { class: 'hushed' }, `${idle / 1000} seconds without a request`))
  item.style.gridColumn = String(column + 1)
  if (step) item.style.gridRow = String(rowOf(step) + 1)
  return item
}

/** The rails of the three backends, and the session's thread: whole while it holds, dashed where it is torn. */
function threads(columns, shown) {
  const rails = backends.map((_, row) => s('path', { class: 'rail', d: `M0 ${row + 0.5}H${columns.length}` }))
  const points = shown.flatMap(({ step }, column) => (step ? [{ step, x: column + 0.5, y: rowOf(step) + 0.5 }] : []))
  const parts = points.slice(1).map((to, i) => {
    const from = points[i]
    // A session that turns up again was not kept: the client happened to come by.
    const torn = to.step.outcome !== 'kept' || from.step.outcome === 'lost'
    return s('path', { class: torn ? 'thread torn' : 'thread', d: `M${from.x} ${from.y}L${to.x} ${to.y}` })
  })
  const box = {
    class: 'threads',
    viewBox: `0 0 ${columns.length} ${backends.length}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  }
  return s('svg', box, ...rails, ...parts)
}
