import { tombstoneTtlOf } from '../core/lifetime.ts'
import type { Tagged, Tags } from '../ports/store.ts'
import type { Tags as Kept } from './shelves.ts'

/** The tags after a write. */
export function retag(before: Kept, { lifetime, createdAt, label }: Tags): Kept {
  if (lifetime === undefined && createdAt === undefined && label === undefined) return before
  const next = {
    lifetime: lifetime === undefined ? before.lifetime : lifetime || undefined,
    createdAt: before.createdAt ?? createdAt,
    label: label === undefined ? before.label : (label ?? undefined),
  }
  const longest = Math.max(before.longest ?? 0, before.lifetime ?? 0)
  return longest > (next.lifetime ?? 0) ? { ...next, longest } : next
}

/** What is told of them. */
export function told({ lifetime, createdAt, label }: Kept): Tagged {
  return {
    ...(lifetime !== undefined && { lifetime }),
    ...(createdAt !== undefined && { createdAt }),
    ...(label !== undefined && { label }),
  }
}

/** Milliseconds that the tombstone stays. */
export function buriedFor({ lifetime, longest = lifetime }: Kept, ttl: number): number {
  return longest === undefined ? ttl : Math.max(ttl, tombstoneTtlOf(longest))
}
