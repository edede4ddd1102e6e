import { TOMBSTONE } from './tombstone.ts'

/**
 * Purpose: renew the lifetime of a session's data, or of its tombstone.
 * KEYS[1]  the session's hash
 * ARGV[1]  lifetime in milliseconds
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * Returns  {'touched'} | {'absent'} | {'retired', age in ms, moved}
 */
export const TOUCH = `${TOMBSTONE}
if redis.call('PEXPIRE', KEYS[1], ARGV[1]) == 0 then return {'absent'} end
redis.pcall('PUBLISH', ARGV[2], '=' .. ARGV[3] .. ' ' .. KEYS[1])
local since = redis.call('HGET', KEYS[1], 'x')
if not since then return {'touched'} end
local time = redis.call('TIME')
return retired(since, time[1] * 1000 + math.floor(time[2] / 1000))
`
