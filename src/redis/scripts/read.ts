import { LOSSES } from './losses.ts'
import { SESSION } from './session.ts'

/**
 * Purpose: read a session where a plain GET does not do: its lifetime is to be renewed, the client has seen what is
 *          lost, or there is a tombstone.
 * KEYS[1]  the session
 * ARGV[1]  the last millisecond, on this server's clock, at which somebody waits for the answer
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  1: changes are told there; 0: only ends are
 * ARGV[5]  newest version that the client has seen
 * ARGV[6]  milliseconds to renew the lifetime to, or 0; on a read-only server it stays as it is
 * ARGV[7]  milliseconds that it lives on when it turns out to be behind
 * ARGV[8]  run id of this server, or ''
 * Returns  {'found', behind, 1 if the lifetime was renewed, the session} | {'absent'} | {'tombstone', age in ms, end} | {'late', now}
 */
export const READ = `${SESSION}${LOSSES}
local key, seen, ttl = KEYS[1], tonumber(ARGV[5]), tonumber(ARGV[6])
local value = redis.call('GET', key)
if isEnded(value) then return met(value, clock()) end
local version, bytes, past, tags, at, from = open(value)
if version == 0 and seen == 0 then return {'absent'} end
local behind, base, pastNow = judge(version, past, seen, ARGV[8])
local touched = 0
if seen > version then
  local now = clock()
  if now > tonumber(ARGV[1]) then return {'late', now} end
  value = head(base + 1, bytes, pastNow, tags, from) .. string.sub(value or '', at)
  put(key, value, 'PX', ARGV[7])
  touched = 1
  if ARGV[4] == '1' then redis.pcall('PUBLISH', ARGV[2], '+' .. ARGV[3] .. ' ' .. key) end
elseif ttl > 0 and redis.pcall('PEXPIRE', key, ttl) == 1 then
  touched = 1
  redis.call('EXISTS', key) -- see put()
end
return {'found', behind, touched, value}
`
