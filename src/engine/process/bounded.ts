import { LRUCache } from 'lru-cache'

/**
 * A map of at most so many entries; the least recently used goes first. Counted by size, because a `max` would reserve
 * room for all at once.
 */
export function boundedMap<V extends object | number | true>(max: number): LRUCache<string, V> {
  return new LRUCache<string, V>({ maxSize: max, sizeCalculation: one })
}

function one(): 1 {
  return 1
}
