import { tombstoneTtlOf } from '../../core/lifetime.ts'

/** Milliseconds that any tombstone stays of a session with a lifetime, and for each millisecond of that. */
const SPARE = tombstoneTtlOf(0)
const FACTOR = tombstoneTtlOf(1000) - SPARE

/**
 * Purpose: the tags of a session, as its first line has them (session.ts); for the scripts that start with it, after
 * SESSION.
 *
 * tagsOf(tags) takes them apart, into a table by letter.
 * retag(tags, changes) applies changes of the same form without the first blank: 't3600000 buser%3A42'; 't0' and 'b'
 * alone remove. Returns nil for none. buried(tags, ms) returns the milliseconds that the tombstone stays, of those that
 * are asked for.
 */
export const TAGS = `
local function tagsOf(tags)
  local list = {}
  for letter, text in string.gmatch(tags or '', '(%l)(%S*)') do list[letter] = text end
  return list
end

local function retag(tags, changes)
  if changes == '' then return tags end
  local list = tagsOf(tags)
  local longest = math.max(tonumber(list.k or 0), tonumber(list.t or 0))
  for letter, text in string.gmatch(changes, '(%l)(%S*)') do
    if letter ~= 'c' or not list.c then list[letter] = text end
  end
  if list.t == '0' then list.t = nil end
  if list.b == '' then list.b = nil end
  list.k = longest > tonumber(list.t or 0) and string.format('%.0f', longest) or nil
  local text = ''
  for _, letter in ipairs({'t', 'k', 'c', 'b'}) do
    if list[letter] then text = text .. ' ' .. letter .. list[letter] end
  end
  return text ~= '' and text or nil
end

local function buried(tags, ms)
  if not tags then return ms end
  local list = tagsOf(tags)
  local longest = tonumber(list.k or list.t)
  if not longest then return ms end
  return string.format('%.0f', math.max(tonumber(ms), math.ceil(longest * ${FACTOR} / 1000) + ${SPARE}))
end
`
