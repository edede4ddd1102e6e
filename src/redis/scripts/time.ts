/**
 * Purpose: ask the node of a cluster that holds a key for its time; TIME itself has no key, so it could go to any.
 * KEYS[1]  any key of the node
 * Returns  seconds and microseconds, as TIME does
 */
export const TIME = `
return redis.call('TIME')
`
