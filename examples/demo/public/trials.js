import { lanes } from './board.js'
import { h, mark } from './dom.js'

const count = 'How many at once'

/** One trial: what happens, what can be changed about it, its button, and one line for each lane. */
export function trialOf(trial, number, onPlay) {
  const title = `trial-${trial.id}`
  return h(
    'article',
    { class: 'trial', 'data-trial': trial.id, 'aria-labelledby': title },
    h(
      'div',
      { class: 'trial-head' },
      h('span', { class: 'number', 'aria-hidden': 'true' }, String(number)),
      h('h3', { id: title }, trial.title),
    ),
    h('p', null, trial.why),
    h(
      'div',
      { class: 'knobs' },
      trial.id === 'tabs'
        ? h('label', null, `${count} `, h('input', { type: 'number', min: 2, max: 100, value: 20, name: 'at-once' }))
        : undefined,
      h(
        'button',
        { type: 'button', class: 'button', 'aria-label': `Play again: ${trial.title}`, click: onPlay },
        'Play again',
      ),
    ),
    results(),
  )
}

/** What a person can do by hand: stop a backend, and see who still has the cart. */
export function stopOf(number, names, onChange) {
  const choices = [['none', 'none'], ...names.map((name) => [name, name])]
  return h(
    'article',
    { class: 'trial', 'data-trial': 'stop', 'aria-labelledby': 'trial-stop' },
    h(
      'div',
      { class: 'trial-head' },
      h('span', { class: 'number', 'aria-hidden': 'true' }, String(number)),
      h('h3', { id: 'trial-stop' }, 'Stop a backend'),
    ),
    h(
      'p',
      null,
      'A client with a cart stays in each lane. Stop a backend and it asks again. It stays stopped for all plays here.',
    ),
    h(
      'div',
      { class: 'knobs' },
      h(
        'label',
        null,
        'Stopped ',
        h(
          'select',
          { name: 'stopped', change: onChange },
          ...choices.map(([value, text]) => h('option', { value }, text)),
        ),
      ),
    ),
    results(),
  )
}

function results() {
  return h('dl', { class: 'results' })
}

export function drawResults(article, perLane) {
  const rows = lanes.map(({ id, title }) => {
    const { verdict, text } = perLane[id]
    return h(
      'div',
      { 'data-lane': id },
      h('dt', null, title),
      h('dd', { class: 'verdict', 'data-verdict': verdict }, mark(verdict), text),
    )
  })
  article.querySelector('.results').replaceChildren(...rows)
}

export function sayResults(title, perLane) {
  return `${title}. ${lanes.map((lane) => `${lane.title}: ${perLane[lane.id].text}.`).join(' ')}`
}
