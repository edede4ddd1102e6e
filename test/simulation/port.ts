import type { Store, Watcher } from '../../src/ports/store.ts'

/** What a link tells a backend, whatever the port calls it. */
export interface Listener {
  changed(id: string, end: 'destroyed' | 'moved' | undefined): void
  touched(id: string): void
  down(): void
  up(): void
}

/** `watch` of the store port, for something that can talk to a listener. */
export function connectWatcher(connect: (listener: Listener) => () => void): NonNullable<Store['watch']> {
  return (watcher: Watcher) =>
    connect({
      changed: (id, end) => watcher.changed(id, end),
      touched: (id) => watcher.renewed(id),
      down: () => watcher.down(),
      up: () => watcher.up(),
    })
}

/** What the other backends hear when an operation has been carried out. */
export function news(name: string, args: readonly unknown[], result: unknown): ((listener: Listener) => void)[] {
  const [id] = args as [string]
  const { kind } = result as { kind: string }
  if (name === 'write' && kind === 'written') return [(listener) => listener.changed(id, undefined)]
  if (name === 'destroy' && kind === 'destroyed') return [(listener) => listener.changed(id, 'destroyed')]
  if (name === 'move' && kind === 'moved') return [(listener) => listener.changed(id, 'moved')]
  if (name === 'touch' && kind === 'touched') return [(listener) => listener.touched(id)]
  return []
}
