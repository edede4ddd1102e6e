import type { Tagged, Tags } from '../ports/store.ts'

/** Changes of tags, as scripts take them (scripts/tags.ts). */
export function writeTags({ lifetime, createdAt, label }: Tags): string {
  if (lifetime === undefined && createdAt === undefined && label === undefined) return ''
  const list: string[] = []
  if (lifetime !== undefined) list.push(`t${lifetime}`)
  if (createdAt !== undefined) list.push(`c${createdAt}`)
  if (label !== undefined) list.push(`b${label === null ? '' : labelTag(label)}`)
  return list.join(' ')
}

/** A label without blanks and line ends. */
export function labelTag(label: string): string {
  return encodeURIComponent(label)
}

/** Tags as the first line of a session has them, taken apart at the blanks. */
export function readTags(tags: readonly string[]): Tagged {
  if (tags.length === 0) return NONE
  const [lifetime, createdAt, label] = [tagged(tags, 't'), tagged(tags, 'c'), tagged(tags, 'b')]
  return {
    ...(lifetime !== undefined && { lifetime: Number(lifetime) }),
    ...(createdAt !== undefined && { createdAt: Number(createdAt) }),
    ...(label !== undefined && { label: decodeURIComponent(label) }),
  }
}

/** The same of a script's answer. */
export function tagsOf(answer: unknown): Tagged {
  return answer ? readTags(String(answer).split(' ')) : NONE
}

const NONE: Tagged = {}

export function tagged(tags: readonly string[], letter: string): string | undefined {
  return tags.find((tag) => tag.startsWith(letter))?.slice(1)
}
