import { LOSSES } from './losses.ts'
import { TOMBSTONE } from './tombstone.ts'

/**
 * Purpose: give a session's data to a new id and leave a tombstone under the old one, in one step.
 * KEYS[1]  the old hash     KEYS[2]  the new hash, in the same slot
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  lifetime of the data in milliseconds     ARGV[6]  lifetime of the tombstone
 * Returns  {'moved', version, behind} | {'retired', age in ms, moved} | {'late', now}
 */
export const MOVE = `${LOSSES}${TOMBSTONE}
local from, to, seen = KEYS[1], KEYS[2], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[1]) then return {'late', now} end
local meta = redis.call('HMGET', from, 'v', 'x', 'l')
if meta[2] then return retired(meta[2], now) end
local behind, base, lost = judge(tonumber(meta[1] or 0), meta[3], seen)
local version = base + 1
if meta[1] then redis.call('RENAME', from, to) end
redis.call('HSET', to, 'v', version)
if lost then redis.call('HSET', to, 'l', lost) end
redis.call('PEXPIRE', to, ARGV[5])
redis.call('HSET', from, 'v', version, 'x', -now)
redis.call('PEXPIRE', from, ARGV[6])
redis.pcall('PUBLISH', ARGV[2], '=' .. ARGV[3] .. ' ' .. to)
redis.pcall('PUBLISH', ARGV[2], '>' .. ARGV[3] .. ' ' .. from)
return {'moved', version, behind}
`
