import { LOSSES } from './losses.ts'
import { TOMBSTONE } from './tombstone.ts'

/**
 * Purpose: read a session where a plain HGETALL does not do: its lifetime is to be renewed, the client has seen what is
 *          lost, or there is a tombstone.
 * KEYS[1]  the session's hash
 * ARGV[1]  the last millisecond, on this server's clock, at which somebody waits for the answer
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  milliseconds to renew the lifetime to, or 0; on a read-only server it stays as it is
 * ARGV[6]  milliseconds that it lives on when it turns out to be behind
 * Returns  {'found', version, behind, 1 if the lifetime was renewed, field, text, ...} | {'absent'} | {'retired', age in ms, moved} | {'late', now}
 */
export const READ = `${LOSSES}${TOMBSTONE}
local key, seen, renew = KEYS[1], tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local meta = redis.call('HMGET', key, 'v', 'x', 'l')
if meta[2] then return retired(meta[2], now) end
local version = tonumber(meta[1] or 0)
local behind, base, lost = judge(version, meta[3], seen)
if version == 0 and seen == 0 then return {'absent'} end
local renewed = 0
if seen > version then
  if now > tonumber(ARGV[1]) then return {'late', now} end
  version = base + 1
  redis.call('HSET', key, 'v', version, 'l', lost)
  redis.call('PEXPIRE', key, ARGV[6])
  renewed = 1
  redis.pcall('PUBLISH', ARGV[2], '+' .. ARGV[3] .. ' ' .. key)
elseif renew > 0 and redis.pcall('PEXPIRE', key, renew) == 1 then
  renewed = 1
  redis.pcall('PUBLISH', ARGV[2], '=' .. ARGV[3] .. ' ' .. key)
end
local reply = {'found', version, behind, renewed}
for _, item in ipairs(redis.call('HGETALL', key)) do reply[#reply + 1] = item end
return reply
`
