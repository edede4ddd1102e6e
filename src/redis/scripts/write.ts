import { LOSSES } from './losses.ts'
import { TOMBSTONE } from './tombstone.ts'

/**
 * Purpose: apply one change to one session, all of it or nothing.
 * KEYS[1]  the session's hash
 * ARGV[1]  the last millisecond, on this server's clock, at which the change may still happen
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  lifetime in milliseconds
 * ARGV[6]  bytes of keys and texts that the session may hold
 * ARGV[7]  expectation: 'none' | 'absent' | 'text'
 * ARGV[8]  the field that it speaks of     ARGV[9]  the text that it must have
 * ARGV[10] how many fields are set; then field and text of each; the rest are fields to remove
 * Returns  {'written', version, behind} | {'conflict', text or nil} | {'too-large', bytes} | {'retired', age in ms, moved} | {'late', now}
 *
 * Fields: 'v' the version, 'n' the bytes held, 'x' when it ended (tombstone.ts), 'l' which versions were lost; a ':' before each key of the application's.
 */
export const WRITE = `${LOSSES}${TOMBSTONE}
local key, seen, most = KEYS[1], tonumber(ARGV[4]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[1]) then return {'late', now} end
local meta = redis.call('HMGET', key, 'v', 'n', 'x', 'l')
if meta[3] then return retired(meta[3], now) end
if ARGV[7] ~= 'none' then
  local text = redis.call('HGET', key, ARGV[8])
  if ARGV[7] == 'absent' and text or ARGV[7] == 'text' and text ~= ARGV[9] then return {'conflict', text} end
end
local held = tonumber(meta[2] or 0)
local bytes, last = held, 10 + 2 * tonumber(ARGV[10])
local function size(field) -- what the field counts for now; no text of JSON is empty, so one without a length is not there
  local length = redis.call('HSTRLEN', key, field)
  return length == 0 and 0 or #field - 1 + length
end
for i = 11, last, 2 do bytes = bytes + #ARGV[i] - 1 + #ARGV[i + 1] - size(ARGV[i]) end
for i = last + 1, #ARGV do bytes = bytes - size(ARGV[i]) end
if bytes > most and bytes > held then return {'too-large', bytes} end
local behind, base, lost = judge(tonumber(meta[1] or 0), meta[4], seen)
local version = base + 1
redis.call('HSET', key, 'v', version, 'n', bytes, unpack(ARGV, 11, math.min(last, 1010)))
for i = 1011, last, 1000 do redis.call('HSET', key, unpack(ARGV, i, math.min(last, i + 999))) end -- Lua hands on some thousand at a time
if lost then redis.call('HSET', key, 'l', lost) end
for i = last + 1, #ARGV do redis.call('HDEL', key, ARGV[i]) end
redis.call('PEXPIRE', key, ARGV[5])
redis.pcall('PUBLISH', ARGV[2], '+' .. ARGV[3] .. ' ' .. key)
return {'written', version, behind}
`
