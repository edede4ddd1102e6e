import { channel } from 'node:diagnostics_channel'
import { debuglog } from 'node:util'
import { isError } from './core/errors.ts'
import { isThenable } from './core/thenable.ts'
import type { Events, LimpetEvent } from './ports/events.ts'

const TYPES: readonly LimpetEvent['type'][] = [
  'warning',
  'session-begin',
  'behind',
  'store-failed',
  'store-breaker',
  'invalidation',
  'forward',
  'adopt',
  'hop-rejected',
  'backend',
  'conflict',
]

/**
 * Where events go: to the application's listener, to `limpet:` channels, and as lines to NODE_DEBUG=limpet. Without a
 * listener, what must not be hidden becomes a warning of the process.
 */
export function createEvents(onEvent: ((event: LimpetEvent) => void) | undefined): Events {
  const listener = onEvent ? harmless(onEvent) : toProcessWarnings()
  const channels = new Map(TYPES.map((type) => [type, channel(`limpet:${type}`)]))
  const debug = debuglog('limpet')
  return {
    emit(event) {
      listener(event)
      const published = channels.get(event.type)
      if (published?.hasSubscribers) published.publish(event)
      if (debug.enabled) debug('%s', describe(event))
    },
    trace: debug.enabled ? (line) => debug('%s', line) : undefined,
    hears: (type) => onEvent !== undefined || debug.enabled || channels.get(type)?.hasSubscribers === true,
  }
}

/** One line, for people. */
function describe(event: LimpetEvent): string {
  switch (event.type) {
    case 'warning':
      return `warning ${event.code}: ${event.message}`
    case 'session-begin':
      return `session ${event.id} begins: ${event.reason}`
    case 'behind':
      return `session ${event.id}: the store is ${event.lost} versions behind version ${event.seen}, which its client has seen`
    case 'store-failed':
      return `${event.operation} failed: ${event.error.message}`
    case 'store-breaker':
      return `${event.operations} are ${event.state === 'open' ? 'held back for a moment' : 'sent again'}`
    case 'forward':
      return `passed on to ${event.to}: ${event.outcome}${event.status === undefined ? '' : ` ${event.status}`}, ${event.ms.toFixed(1)} ms`
    case 'adopt':
      return `session ${event.id} adopted: its owner ${event.from} is gone`
    case 'hop-rejected':
      return `a request that claims to come from a peer: ${event.reason}`
    case 'backend':
      return `backend ${event.id} is ${event.state}`
    case 'conflict':
      return `session ${event.id}: the later of two requests has won at ${event.paths.join(', ')}`
    case 'invalidation':
      return `local copies ${event.state === 'up' ? 'can be used' : 'have to be confirmed by the store'}`
  }
}

/** A listener that throws must not break the response that it hears of. */
function harmless(listener: (event: LimpetEvent) => void): (event: LimpetEvent) => void {
  let complained = false
  const complain = (error: unknown) => {
    // There may be an event with each request.
    if (complained) return
    complained = true
    // Anything can be thrown, also what has no text.
    const why: unknown = isError(error) ? error.message : error
    const text = typeof why === 'string' ? why : typeof why
    processWarning('LISTENER', `the function given as onEvent threw: ${text}. Reported once`)
  }
  return (event) => {
    try {
      // It may be an async function, whatever its type says.
      const returned: unknown = listener(event)
      if (isThenable(returned)) returned.then(undefined, complain)
    } catch (error) {
      complain(error)
    }
  }
}

/**
 * Where nobody listens, what must not be hidden goes to Node's warnings: lost writes once, for after a failover there
 * are many.
 */
function toProcessWarnings(): (event: LimpetEvent) => void {
  let reportedBehind = false
  return (event) => {
    switch (event.type) {
      case 'warning':
        return processWarning(event.code.toUpperCase().replaceAll('-', '_'), event.message)
      case 'store-breaker':
        return processWarning('STORE', breakerText(event))
      case 'behind':
        if (reportedBehind) return
        reportedBehind = true
        return processWarning(
          'BEHIND',
          `the store has lost ${event.lost} acknowledged write(s) of a session (a failover, an empty restart, an eviction): ` +
            'session.behind is true there. Reported once; pass onEvent to hear of each',
        )
    }
  }
}

function breakerText({ state, operations }: LimpetEvent & { type: 'store-breaker' }): string {
  if (state === 'closed') return `the store answers again: ${operations} are sent as usual`
  const effect = operations === 'reads' ? 'are answered from local copies, or reject' : 'reject'
  return `the store has failed several times in a row: ${operations} ${effect}, and one of them tries each second`
}

function processWarning(code: string, message: string): void {
  process.emitWarning(message, { type: 'LimpetWarning', code: `LIMPET_${code}` })
}
