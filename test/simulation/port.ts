import type { End, Watcher } from '../../src/ports/invalidation.ts'
import type { Store } from '../../src/ports/store.ts'

/** What a link tells a backend, whatever the port calls it. */
export interface Listener {
  changed(id: string): void
  ended(id: string, end: End): void
  down(): void
  up(): void
}

/** `watch` of the store port, for something that can talk to a listener. */
export function connectWatcher(connect: (listener: Listener) => () => void): NonNullable<Store['watch']> {
  return (watcher: Watcher) => connect(watcher.channel())
}

/** What the other backends hear when an operation has been carried out. */
export function news(name: string, args: readonly unknown[], result: unknown): ((listener: Listener) => void)[] {
  const [id] = args as [string]
  const {
    kind,
    successors = [],
    behind = 0,
  } = result as { kind: string; successors?: readonly string[]; behind?: number }
  // Whoever finds out that something is lost has changed what the others know.
  if (name === 'read' && behind > 0) return [(listener) => listener.changed(id)]
  if (name === 'write' && kind === 'written') return [(listener) => listener.changed(id)]
  if (name === 'move' && kind === 'moved') return [(listener) => listener.ended(id, 'moved')]
  if (name !== 'destroy' || kind !== 'destroyed') return []
  return [id, ...successors].map((one) => (listener) => listener.ended(one, 'destroyed'))
}
