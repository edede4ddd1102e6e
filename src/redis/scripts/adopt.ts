/**
 * Purpose: make one backend the owner of a session whose owner is gone.
 * KEYS[1]  the adoption: boot id of the owner that is gone, a blank, boot id of the new one
 * ARGV[1]  boot id of the backend that asks
 * ARGV[2]  boot id of the owner that is gone
 * ARGV[3]  milliseconds for which the adoption is known
 * Returns  boot id of the new owner
 */
export const ADOPT = `
local gone, by = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%S+)$')
if gone == ARGV[2] or (by and by ~= ARGV[2] and by ~= ARGV[1]) then return by end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return ARGV[1]
`
