import { MOVE_WINDOW } from '../../ports/store.ts'
import { CLAIMS } from './claims.ts'
import { ENTRIES } from './entries.ts'
import { LOSSES } from './losses.ts'
import { SESSION } from './session.ts'
import { TAGS } from './tags.ts'

/**
 * Purpose: apply one change to one session, all of it or nothing.
 * KEYS[1]  the session
 * ARGV[1]  the last millisecond, on this server's clock, at which the change may still happen
 * ARGV[2]  channel on which changes are told     ARGV[3]  who we are there
 * ARGV[4]  1: changes are told there; 0: only ends are
 * ARGV[5]  newest version that the client has seen
 * ARGV[6]  lifetime of the data in milliseconds
 * ARGV[7]  bytes of keys and texts that the session may hold
 * ARGV[8]  changes of its tags (tags.ts)
 * ARGV[9]  run id of this server, or ''     ARGV[10] '1', if others may know the id, because the request came with it
 * ARGV[11] milliseconds of a claim, or ''     ARGV[12] whose it is     ARGV[13] on which key
 * ARGV[14] how many keys are expected to have a text     ARGV[15] how many keys are set
 * ARGV[16] 'clear', if all keys go that are not set     ARGV[17] 'stored', if it is to be done only where something is
 * then     key and text of each expectation ('' for absent: no JSON is empty), key and text of what is set, keys to remove
 *          Keys, and whose the claim is, are JSON strings.
 * Returns  {'written', version, behind, its tags, 1 if nothing was stored before, else 0} | {'conflict', text or '' of each expectation} | {'claimed', ms} | {'too-large', bytes}
 *          | {'absent'} | {'tombstone', age in ms, end} | {'late', now}
 */
export const WRITE = `${SESSION}${TAGS}${LOSSES}${CLAIMS}${ENTRIES}
local key, seen = KEYS[1], tonumber(ARGV[5])
local now = clock()
if now > tonumber(ARGV[1]) then return {'late', now} end
local value = redis.call('GET', key)
if isEnded(value) then return met(value, now) end
local sets = 18 + 2 * tonumber(ARGV[14])
local removes = sets + 2 * tonumber(ARGV[15])
local version, held, past, tags, first, from = open(value)
if ARGV[17] ~= '' and version == 0 then return {'absent'} end
local list, at = claims(value, first, now)
local get, set, remove, close = entries(value, at, (removes - 18) / 2 + #ARGV + 1 - removes)

if sets > 18 then
  local texts, isOther = {'conflict'}, false
  for i = 18, sets - 1, 2 do
    for _, claim in ipairs(list) do
      if claim[3] == ARGV[i] and claim[2] ~= ARGV[12] then return {'claimed', claim[1] - now} end
    end
    local text = get(ARGV[i]) or ''
    isOther = isOther or text ~= ARGV[i + 1]
    texts[#texts + 1] = text
  end
  if isOther then
    local ms, isFree = tonumber(ARGV[11]) or 0, version > 0 and #list < 8
    for _, claim in ipairs(list) do isFree = isFree and claim[3] ~= ARGV[13] end
    if ms > 0 and isFree then
      list[#list + 1] = {now + ms, ARGV[12], ARGV[13]}
      put(key, close(head(version, held, past, tags, from), claimLines(list)), 'KEEPTTL')
    end
    return texts
  end
end

tags = retag(tags, ARGV[8])
if version == 0 and seen == 0 and removes == sets and not string.find(tags or '', ' [tb]') then return {'written', 0, 0, ''} end
local bytes = held
if ARGV[16] ~= '' then
  bytes = 0
  get, set, remove, close = entries('', 1, 1 + (removes - sets) / 2)
end
for i = sets, removes - 1, 2 do bytes = bytes + set(ARGV[i], ARGV[i + 1]) end
for i = removes, #ARGV do bytes = bytes + remove(ARGV[i]) end
if bytes > tonumber(ARGV[7]) and bytes > held then return {'too-large', bytes} end
local behind, base, pastNow = judge(version, past, seen, ARGV[9], ARGV[10] == '1' and now)
for i = #list, 1, -1 do
  if list[i][2] == ARGV[12] and list[i][3] == ARGV[13] then table.remove(list, i) end
end
from = recent(from, now, ${MOVE_WINDOW})
put(key, close(head(base + 1, bytes, pastNow, tags, from), claimLines(list)), 'PX', ARGV[6])
if ARGV[4] == '1' then redis.pcall('PUBLISH', ARGV[2], '+' .. ARGV[3] .. ' ' .. key) end
return {'written', base + 1, behind, tags or '', version == 0 and 1 or 0}
`
