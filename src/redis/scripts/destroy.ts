import { SESSION } from './session.ts'
import { SUCCESSORS } from './successors.ts'
import { TAGS } from './tags.ts'

/**
 * Purpose: remove a session's data and leave a tombstone, to which nothing can be written. Where the session had moved,
 * what it went on as is
 *          destroyed, if the request may do that: it began before the move, or comes soon after it. So is, soon after
 *          a move, all that came of it.
 * KEYS[1]  the session     KEYS[2]  what it held when it moved (move.ts)
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen
 * ARGV[2]  channel on which ends are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  milliseconds that the tombstone of a session with data stays     ARGV[6]  that of one that never stored anything
 * ARGV[7]  when the request began, in milliseconds of this server's clock     ARGV[8]  milliseconds after a move that are soon
 * ARGV[9]  end only what has this label, as in its tags, or holds nothing; '': whatever it has     ARGV[10] key that is left alone, or ''
 * Returns  {'destroyed', keys of what it went on as and what ended with it} | {'other-label'} | {'tombstone', age in ms, end} | {'late', now}
 *
 * Other keys: those that tombstones name, and the same with '~', all in the slot of KEYS[1] (successors.ts).
 */
export const DESTROY = `${SESSION}${TAGS}${SUCCESSORS}
local now = clock()
if now > tonumber(ARGV[1]) then return {'late', now} end
local function isMeant(tags, version)
  return ARGV[9] == '' or version == 0 or tagsOf(tags).b == ARGV[9]
end
local function finish(key, hadData, tags)
  put(key, string.format('-%.0f', now), 'PX', hadData and buried(tags, ARGV[5]) or ARGV[6])
  redis.pcall('PUBLISH', ARGV[2], '-' .. ARGV[3] .. ' ' .. key)
end
local reply = {'destroyed'}
local function finishAll(moved, living)
  for _, key in ipairs(moved) do redis.call('DEL', key .. '~') end
  for _, one in ipairs(living) do
    local version, _, _, tags = open(one[3])
    if isMeant(tags, version) then
      finish(one[1], one[2], tags)
      reply[#reply + 1] = one[1]
    end
  end
end
-- It may have moved a moment ago, and gone on as another one too, whose cookie is on its way; so may what it came from.
local function finishSiblings(from)
  local first, tombstone
  for _ = 1, 100 do
    local key = string.match(recent(from, now, tonumber(ARGV[8])) or '', ':(.*)$')
    local there = key and redis.call('GET', key)
    if not there or string.byte(there) ~= 62 then break end
    first, tombstone = key, there
    from = string.match(there, '^>%d+ %d+ f([^\\n]*)')
  end
  if first then finishAll(follow(first, tombstone, ARGV[10])) end
end
local value = redis.call('GET', KEYS[1])
if not isEnded(value) then
  local version, _, _, tags, _, from = open(value)
  if not isMeant(tags, version) then return {'other-label'} end
  finish(KEYS[1], version > 0 or ARGV[4] ~= '0', tags)
  finishSiblings(from)
  return reply
end
local tombstone = met(value, now)
local age = tombstone[2]
if tombstone[3] ~= 'moved' or now - age < tonumber(ARGV[7]) and age > tonumber(ARGV[8]) then return tombstone end
finishSiblings(string.match(value, '^>%d+ %d+ f([^\\n]*)'))
if #reply == 1 then finishAll(follow(KEYS[1], value, ARGV[10])) end
return #reply > 1 and reply or tombstone
`
