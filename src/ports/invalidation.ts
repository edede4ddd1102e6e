/** How a session ended: for good, or it goes on under another id. */
export type End = 'destroyed' | 'moved'

/**
 * What a store tells a backend of its sessions' changes. A store may have several ways to hear of them (one connection
 * for each, say); each way is a channel, and local copies are trusted only while all of them are up.
 */
export interface Watcher {
  /**
   * A channel through which changes come, not up yet. Once `watch()` has returned, no further channels are opened, so
   * that nothing is trusted before all that is needed is up.
   */
  channel(): Channel
  /** The store cannot tell changes, has no client to speak with, or something about the client will hurt. */
  warn(code: 'no-invalidation' | 'no-client' | 'client-settings' | 'invalidation-retries', message: string): void
}

export interface Channel {
  /** Somebody else, or the store itself, changed this session. Not for what this store did itself and has answered. */
  changed(id: string): void
  /** Another backend ended this session. */
  ended(id: string, end: End): void
  /** Changes may be missed from now on, or were: no local copy can be trusted before the store has confirmed it. */
  down(): void
  /** From now on every change is told. */
  up(): void
}
