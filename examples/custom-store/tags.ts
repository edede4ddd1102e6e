import type { Tagged, Tags } from 'limpet'

/** `longest`: the longest lifetime that it had. Tokens of that time may still be about, so its tombstone stays for as long. */
export interface Kept extends Tagged {
  readonly longest?: number | undefined
}

/** A write names those that change. */
export function retag(before: Kept = {}, { lifetime, createdAt, label }: Tags): Kept {
  const own = lifetime === undefined ? before.lifetime : lifetime || undefined
  return {
    lifetime: own,
    longest: Math.max(before.longest ?? 0, own ?? 0) || undefined,
    createdAt: before.createdAt ?? createdAt,
    label: label === undefined ? before.label : (label ?? undefined),
  }
}

export function told({ lifetime, createdAt, label }: Kept = {}): Tagged {
  return {
    ...(lifetime !== undefined && { lifetime }),
    ...(createdAt !== undefined && { createdAt }),
    ...(label !== undefined && { label }),
  }
}
