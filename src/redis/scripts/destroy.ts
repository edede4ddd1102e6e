import { TOMBSTONE } from './tombstone.ts'

/**
 * Purpose: remove a session's data and leave a tombstone, to which nothing can be written.
 * KEYS[1]  the session's hash
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  the tombstone's lifetime in milliseconds
 * Returns  {'destroyed'} | {'retired', age in ms, moved} | {'late', now}
 */
export const DESTROY = `${TOMBSTONE}
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[1]) then return {'late', now} end
local meta = redis.call('HMGET', key, 'v', 'x')
if meta[2] then return retired(meta[2], now) end
local version = math.max(tonumber(meta[1] or 0), tonumber(ARGV[4])) + 1
redis.call('DEL', key)
redis.call('HSET', key, 'v', version, 'x', now)
redis.call('PEXPIRE', key, ARGV[5])
redis.pcall('PUBLISH', ARGV[2], '-' .. ARGV[3] .. ' ' .. key)
return {'destroyed'}
`
