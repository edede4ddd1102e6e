import { channel } from 'node:diagnostics_channel'
import type { FollowedHop, FollowHop } from './ports/misdirected.ts'

/** The channel on which every request that is about to be passed on is shown, so that tracing can follow it. */
const HOPS = 'limpet:hop'

export function createFollowHop(): FollowHop {
  const hops = channel(HOPS)
  return (hop) => {
    if (!hops.hasSubscribers) return undefined
    const followed: FollowedHop = { ...hop, fields: {}, onEnd: [] }
    hops.publish(followed)
    return followed
  }
}
