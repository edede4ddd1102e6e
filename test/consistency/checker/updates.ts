import { type Story, violation } from './story.ts'
import type { Violation } from './verdict.ts'

/** An update is made at some time, however quick the others are; and each that was made counts once. */
export function checkUpdates(story: Story): Violation[] {
  const adds = story.of('add')
  const starved = adds
    .filter((add) => add.starved)
    .map((add) => {
      const others = adds.filter(
        (other) => other.outcome === 'ok' && other.invoke > add.invoke && other.finish < add.finish,
      )
      const why = `#${add.id} gave up, and ${others.length} that were sent later were made meanwhile`
      return violation('starved', why, [add])
    })
  const made = adds.filter((add) => add.outcome === 'ok' && !add.behind)
  const twins = made.flatMap((add) => {
    const twin = made.find((other) => {
      const same = other.id < add.id && other.value === add.value
      return same && !story.lostBetween(other, add) && !story.lostBetween(add, other)
    })
    const why = `#${twin?.id} and #${add.id} both raised the counter to ${add.value}`
    return twin ? [violation('lost-update', why, [twin, add])] : []
  })
  return [...starved, ...twins]
}
