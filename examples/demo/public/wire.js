import { lanes, verdictOf } from './board.js'
import { h, mark } from './dom.js'

/** One cause as it went over the wire: closed until somebody wants to know. */
export function wireOf(cause, number, pair, open) {
  return h(
    'details',
    { 'data-wire': cause.id, open },
    h('summary', null, h('span', { class: 'number' }, String(number)), cause.title),
    h('div', { class: 'wire-lanes' }, ...lanes.map((lane) => laneOf(lane, pair[lane.id]))),
  )
}

function laneOf(lane, play) {
  return h(
    'section',
    { 'data-lane': lane.id },
    h(
      'h3',
      null,
      lane.title,
      h('span', { class: 'verdict', 'data-verdict': play.verdict }, mark(play.verdict), verdictOf(play)),
    ),
    h('ol', null, ...play.steps.map(stepOf)),
  )
}

function stepOf(step) {
  const cookies = step.setCookie.map(cookieOf)
  return h(
    'li',
    null,
    h(
      'p',
      { class: 'exchange' },
      mark(step.outcome),
      h('span', { class: 'asked' }, step.idle ? `${step.idle / 1000} s later: ` : '', `${step.method} ${step.path}`),
      h('span', { class: 'answered' }, `${step.status} from ${step.backend || 'no backend'}`),
    ),
    ...(cookies.length > 0 ? cookies : [h('p', { class: 'no-cookie' }, 'no Set-Cookie')]),
  )
}

/** The raw line. Only its value may be broken anywhere. */
function cookieOf(line) {
  const [, name, value, attributes] = /^([^=]*)(=[^;]*)(.*)$/.exec(line) ?? []
  return h('code', { class: 'cookie' }, h('b', null, name), h('span', null, value), attributes)
}
