import { CLAIMS } from './claims.ts'
import { ENTRIES } from './entries.ts'
import { LOSSES } from './losses.ts'
import { SESSION } from './session.ts'
import { SUCCESSORS } from './successors.ts'
import { TAGS } from './tags.ts'

/**
 * Purpose: give a session's data to a new id and leave a tombstone under the old one, in one step. What moved is kept
 * for a moment,
 *          for requests that began before the move and want the same.
 * KEYS[1]  the old session     KEYS[2]  the new one     KEYS[3]  what the old one held, KEYS[1] with '~'; all in one slot
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen
 * ARGV[2]  channel on which ends are told     ARGV[3]  who we are there
 * ARGV[4]  newest version that the client has seen
 * ARGV[5]  milliseconds that the tombstone of a session with data stays     ARGV[6]  that of one that never stored anything
 * ARGV[7]  when the request began, in milliseconds of this server's clock     ARGV[8]  milliseconds that what moved is kept
 * ARGV[9]  lifetime of the data in milliseconds
 * ARGV[10] bytes of keys and texts that the session may hold
 * ARGV[11] changes of its tags (tags.ts)
 * ARGV[12] lifetime, in milliseconds, of a session that begins because its request comes too late to take anything
 * along, or '': none begins
 * ARGV[13] tags of that one     ARGV[14] run id of this server, or ''
 * then     key, a JSON string, and text of what is set under the new id
 * Returns  {'moved', version, behind, 1 if it began so, else 0, its tags} | {'too-large', bytes} | {'tombstone', age in ms, end} | {'late', now}
 *
 * Other keys: those that tombstones name, in the same slot (successors.ts).
 */
export const MOVE = `${SESSION}${TAGS}${LOSSES}${CLAIMS}${ENTRIES}${SUCCESSORS}
local from, to, kept, seen, run = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[4]), ARGV[14]
local now = clock()
if now > tonumber(ARGV[1]) then return {'late', now} end
local value = redis.call('GET', from)

-- The same move has been done, or the new id has ended since.
local there = redis.call('GET', to)
if isEnded(there) then return met(there, now) end
if there then
  local version, _, past, tags = open(there)
  return {'moved', version, (judge(version, past, seen, '')), 0, tags or ''}
end

-- What a session that has moved still gives away: what it held, to whom it belonged then, unless that was destroyed since.
local source, isKnown, begins, since = value, false, false, nil
if isEnded(value) then
  source = false
  local version
  since, version = string.match(value, '^>(%d+) (%d+)')
  if not since then return met(value, now) end
  for successor in string.gmatch(value, '\\n([^\\n]+)') do isKnown = isKnown or successor == to end
  if not isKnown then -- else it is the same move again, and what it made is gone
    local age = now - since
    -- An age below zero is that of a clock that was set back: nobody knows what came first.
    local isEarly = age >= 0 and tonumber(since) >= tonumber(ARGV[7]) and seen == tonumber(version)
    if age > tonumber(ARGV[8]) or not isEarly and ARGV[12] == '' then return met(value, now) end
    local _, _, destroyed = follow(from, value)
    if destroyed then return met(destroyed, now) end
    local _, count = string.gsub(value, '\\n', '')
    source = isEarly and redis.call('GET', kept)
    begins = not isEarly or not source and seen > 0
    if count >= 20 or begins and ARGV[12] == '' then return met(value, now) end
  end
end

local version, held, past, tags, first, before = open(source)
local left = buried(tags, ARGV[5])
local origin = (since or string.format('%.0f', now)) .. ':' .. from
local _, at = claims(source, first, now)
local _, set, _, close = entries(source, at, (#ARGV - 14) / 2)
local bytes = held
for i = 15, #ARGV, 2 do bytes = bytes + set(ARGV[i], ARGV[i + 1]) end
if bytes > tonumber(ARGV[10]) and bytes > held then return {'too-large', bytes} end
local behind, base, pastNow = judge(version, past, seen, run)
if begins then behind, base, pastNow = 0, seen, run ~= '' and run or nil end
local isNothing = version == 0 and seen == 0 and #ARGV == 14
if isNothing then
  -- What is written there first is found from the others, too.
  put(to, head(0, 0, pastNow, nil, origin), 'PX', ARGV[8])
else
  if begins then tags = retag(nil, ARGV[13]) else tags = retag(tags, ARGV[11]) end
  put(to, close(head(base + 1, bytes, pastNow, tags, origin)), 'PX', begins and ARGV[12] or ARGV[9])
end

if isEnded(value) then
  if not isKnown then put(from, value .. '\\n' .. to, 'KEEPTTL') end
else
  if version > 0 then redis.call('SET', kept, value, 'PX', ARGV[8]) end
  local life = (version > 0 or seen > 0) and left or ARGV[6]
  before = recent(before, now, tonumber(ARGV[8]))
  put(from, string.format('>%.0f %.0f', now, version) .. (before and ' f' .. before or '') .. '\\n' .. to, 'PX', life)
  redis.pcall('PUBLISH', ARGV[2], '>' .. ARGV[3] .. ' ' .. from)
end
return {'moved', isNothing and 0 or base + 1, behind, begins and 1 or 0, not isNothing and tags or ''}
`
