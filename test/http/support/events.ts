import type { LimpetEvent } from '../../../src/ports/events.ts'

/** A listener for `onEvent` that keeps what tells of trouble: each session that begins is an event as well. */
export function keepTrouble(events: LimpetEvent[]): (event: LimpetEvent) => void {
  return (event) => {
    if (event.type !== 'session-begin') events.push(event)
  }
}
