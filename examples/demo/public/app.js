import { causeOf, draw, gutter, lanes, verdictOf } from './board.js'
import { h } from './dom.js'
import { wireOf } from './wire.js'

// The play itself takes milliseconds. It is drawn at a pace that an eye can follow, unless the eye asked for calm.
const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 420

const board = document.querySelector('#board')
const wire = document.querySelector('#wire')
const playAll = document.querySelector('#play-all')
const said = document.querySelector('#said')
const trouble = document.querySelector('#trouble')

async function load(path, options) {
  const response = await fetch(path, options)
  if (!response.ok) throw new Error(`the demo answered ${response.status}: ${await response.text()}`)
  return response.json()
}

function show({ causes, plays, store }) {
  board.append(
    ...gutter(),
    ...causes.map((cause, i) => causeOf(cause, i + 1, () => guarded(() => again(cause, i + 1)))),
  )
  wire.replaceChildren(...causes.map((cause, i) => wireOf(cause, i + 1, plays[cause.id], i === 0)))
  for (const cause of causes) for (const lane of lanes) draw(figureOf(cause, lane), plays[cause.id][lane.id])
  document.querySelector('#footnote').append(...footnote[store])
  playAll.disabled = false
  playAll.addEventListener('click', () => guarded(() => Promise.all(causes.map((cause, i) => again(cause, i + 1)))))
}

const footnote = {
  memory: [
    'Here the three sticky() backends run in one process and share one memoryStore(). In production that is Redis: ',
    h('code', null, 'npm run demo -- --redis'),
    ' runs every backend as a process of its own.',
  ],
  redis: ['Every backend is a process of its own. The three with sticky() share the Redis at REDIS_URL.'],
}

/** Plays one cause again, and draws the two lanes request by request. */
async function again(cause, number) {
  const button = board.querySelector(`[data-cause="${cause.id}"] button`)
  if (button.getAttribute('aria-disabled') === 'true') return
  // Not `disabled`: the button would lose the focus of who pressed it.
  button.setAttribute('aria-disabled', 'true')
  try {
    const pair = await load(`/api/causes/${cause.id}/play`, { method: 'POST' })
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
