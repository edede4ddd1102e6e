import { SESSION } from './session.ts'

/**
 * Purpose: renew the lifetime of a session's data. A tombstone stays as it is.
 * KEYS[1]  the session
 * ARGV[1]  lifetime in milliseconds
 * Returns  {'touched', its tags} | {'absent'} | {'tombstone', age in ms, end}
 */
export const TOUCH = `${SESSION}
local key = KEYS[1]
local head = redis.call('GETRANGE', key, 0, 31)
if head == '' or string.byte(head) == 48 then return {'absent'} end -- 48: version 0
if isEnded(head) then return met(head, clock()) end
redis.call('PEXPIRE', key, ARGV[1])
redis.call('EXISTS', key) -- see put()
if not string.find(head, '^%d+ %d+ %l') then return {'touched', ''} end
local _, _, _, tags = open(redis.call('GETRANGE', key, 0, 4095)) -- no label is longer
return {'touched', tags or ''}
`
