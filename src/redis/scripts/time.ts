/**
 * Purpose: ask the node of a cluster that holds a key for its time and its run id; TIME and INFO themselves have no key,
 * so they could go to any.
 * KEYS[1]  any key of the node
 * Returns  {seconds, microseconds, what INFO says of the server, or '' if it may not be asked}
 */
export const TIME = `
local time, info = redis.call('TIME'), redis.pcall('INFO', 'server')
return {time[1], time[2], type(info) == 'string' and info or ''}
`
