/**
 * Purpose: leave the record of a backend, drop those of backends that have not renewed theirs, and tell of all.
 * KEYS[1]  the hash of all backends: boot id -> when it was renewed (ms), a blank, record
 * ARGV[1]  boot id
 * ARGV[2]  record; empty: take it away
 * ARGV[3]  milliseconds after which a record that was not renewed is dropped
 * Returns  {boot id, age in ms, record, boot id, ...}
 */
export const ANNOUNCE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
local answer = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at, record = string.match(all[i + 1], '^(%d+) (.*)$')
  local age = at and now - tonumber(at)
  if not age or age > tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], all[i])
  else
    -- Below zero: the server's clock was set back.
    answer[#answer + 1] = all[i]
    answer[#answer + 1] = string.format('%.0f', math.max(age, 0))
    answer[#answer + 1] = record
  end
end
return answer
`
