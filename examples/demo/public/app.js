import { backends, causeOf, draw, gutter, lanes, verdictOf } from './board.js'
import { h } from './dom.js'
import { drawResults, sayResults, stopOf, trialOf } from './trials.js'
import { wireOf } from './wire.js'

// The play itself takes milliseconds. It is drawn at a pace that an eye can follow, unless the eye asked for calm.
const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 420

const board = document.querySelector('#board')
const trialBoard = document.querySelector('#trials')
const wire = document.querySelector('#wire')
const playAll = document.querySelector('#play-all')
const said = document.querySelector('#said')
const trouble = document.querySelector('#trouble')

async function load(path, options) {
  const response = await fetch(path, options)
  if (!response.ok) throw new Error(`the demo answered ${response.status}: ${await response.text()}`)
  return response.json()
}

function show({ causes, plays, trials, results, store }) {
  board.append(
    ...gutter(),
    ...causes.map((cause, i) => causeOf(cause, i + 1, () => guarded(() => again(cause, i + 1)))),
  )
  wire.replaceChildren(...causes.map((cause, i) => wireOf(cause, i + 1, plays[cause.id], i === 0)))
  for (const cause of causes) for (const lane of lanes) draw(figureOf(cause, lane), plays[cause.id][lane.id])
  trialBoard.replaceChildren(
    ...trials.map((trial, i) => trialOf(trial, causes.length + i + 1, () => guarded(() => tryAgain(trial)))),
    stopOf(causes.length + trials.length + 1, backends, () => guarded(stop)),
  )
  for (const trial of trials) drawResults(articleOf(trial.id), results[trial.id])
  for (const [lane, words] of Object.entries(stores[store])) document.querySelector(`#${lane}-lane`).textContent = words
  document.querySelector('#footnote').append(...footnote[store])
  guarded(stop)
  playAll.disabled = false
  playAll.addEventListener('click', () => guarded(() => Promise.all(causes.map((cause, i) => again(cause, i + 1)))))
}

const stores = {
  memory: {
    shared:
      'express-session; all backends share one MemoryStore. It stands in for connect-redis: like that, it reads the ' +
      'whole session when a request begins and writes the whole of it when it ends.',
    sticky: 'limpet; all backends share one memoryStore().',
  },
  redis: {
    shared: 'express-session with connect-redis; all backends share your Redis.',
    sticky: 'limpet; all backends share your Redis.',
  },
}

const failover = [
  ' What a failover of Redis can lose, and when limpet notices it: ',
  h('a', { href: 'docs/consistency.md' }, 'docs/consistency.md'),
  '.',
]

const footnote = {
  memory: [
    'Here all backends run in one process. With Redis, each is a process of its own: ',
    h('code', null, 'npm run demo -- --redis'),
    '.',
    ...failover,
  ],
  redis: ['Every backend is a process of its own.', ...failover],
}

/** Plays one trial again, with the knobs as they are set. */
async function tryAgain(trial) {
  const article = articleOf(trial.id)
  const button = article.querySelector('button')
  const input = article.querySelector('input')
  if (button.getAttribute('aria-disabled') === 'true') return
  if (input && !input.reportValidity()) return
  button.setAttribute('aria-disabled', 'true')
  try {
    const query = input ? `?at-once=${input.value}` : ''
    const results = await load(`/api/trials/${trial.id}${query}`, { method: 'POST' })
    drawResults(article, results)
    said.textContent = sayResults(trial.title, results)
  } finally {
    button.removeAttribute('aria-disabled')
  }
}

/** Stops the backend that is chosen; none, when the page was just opened. */
async function stop() {
  const article = articleOf('stop')
  const stopped = article.querySelector('select').value
  const results = await load(`/api/stop/${stopped}`, { method: 'POST' })
  drawResults(article, results)
  said.textContent = sayResults(`Stopped: ${stopped}`, results)
}

function articleOf(id) {
  return trialBoard.querySelector(`[data-trial="${id}"]`)
}

/** Plays one cause again, and draws the lanes request by request. */
async function again(cause, number) {
  const button = board.querySelector(`[data-cause="${cause.id}"] button`)
  if (button.getAttribute('aria-disabled') === 'true') return
  // Not `disabled`: the button would lose the focus of who pressed it.
  button.setAttribute('aria-disabled', 'true')
  try {
    const pair = await load(`/api/causes/${cause.id}`, { method: 'POST' })
    for (let upTo = 1; upTo <= cause.steps.length; upTo++) {
      for (const lane of lanes) draw(figureOf(cause, lane), pair[lane.id], upTo)
      await new Promise((resolve) => setTimeout(resolve, upTo < cause.steps.length ? pace : 0))
    }
    const old = wire.querySelector(`[data-wire="${cause.id}"]`)
    old.replaceWith(wireOf(cause, number, pair, old.open))
    said.textContent = `${cause.title}. ${lanes.map((lane) => `${lane.title}: ${verdictOf(pair[lane.id])}.`).join(' ')}`
  } finally {
    button.removeAttribute('aria-disabled')
  }
}

function figureOf(cause, lane) {
  return board.querySelector(`[data-cause="${cause.id}"] [data-lane="${lane.id}"]`)
}

async function guarded(work) {
  try {
    trouble.hidden = true
    await work()
  } catch (error) {
    trouble.replaceChildren(
      h('b', null, 'The demo does not answer. '),
      `${error.message}. Is it still running in the terminal?`,
    )
    trouble.hidden = false
  }
}

guarded(async () => show(await load('/api/report')))
