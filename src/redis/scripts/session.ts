/**
 * Purpose: the form in which a session is stored; for the scripts that start with it. One Redis string holds all of it:
 *
 *   12 340 rRUN8:8-1009 t3600000 k7200000 c1750000000000 buser%3A42 f1750000000000:KEY
 *                                  version, bytes of keys and texts, and, where there are any, the past: which server
 *                                  wrote it, and the versions lost before that (losses.ts), the tags 'lifetime' (t), the longest that it had if that was longer
 *                                  (k), when the session began (c) and its label (b), and, for a moment after a move,
 *                                  when it was and from which key: so a logout finds what else that session went on as.
 *                                  Version 0: it moved, and nothing was ever stored
 *   !1750000000000 TAB "by" TAB "key"   a claim: until when, whose, on which key (claims.ts); seldom there
 *   "key" TAB text                 one line for each entry
 *
 * Keys are JSON strings, and texts JSON: neither has a raw TAB or LF, so that a line begins nowhere else, and both can
 * be compared as they are. Lua looks at every byte of each new string, so a long one is made as seldom as can be.
 *
 * What is left of a session that ended (in milliseconds since 1970, by this server's clock):
 *
 *   -1750000000000                 it was destroyed then
 *   >1750000000000 12 f1749999999000:KEY
 *                                  it moved then, at that version (0: nothing was stored); when and where it came from
 *                                  itself, if that was a moment before
 *   limpet:{ab}cdef...             one line for each session that it went on as
 */
export const SESSION = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function isEnded(value)
  local first = value and string.byte(value)
  return first == 45 or first == 62
end

-- The reply about a tombstone.
local function met(value, now)
  local since = tonumber(string.match(value, '^.(%d+)'))
  return {'tombstone', now - since, string.byte(value) == 62 and 'moved' or 'destroyed'}
end

-- Version, bytes, past, tags (or nil), where the lines begin, each with its LF before it, and where it moved from.
local function open(value)
  if not value then return 0, 0, nil, nil, 1, nil end
  local version, bytes, more, at = string.match(value, '^(%d+) (%d+)([^\\n]*)()')
  if not version then error('WRONGTYPE something else is stored under this key') end
  local past, tags, from
  if more ~= '' then
    tags, from = string.match(more, '^(.-) f(%d+:.*)$')
    tags = tags or more
    past = string.match(tags, '^ r(%S*)')
    if past then tags = string.sub(tags, #past + 3) end
    if tags == '' then tags = nil end
  end
  return tonumber(version), tonumber(bytes), past, tags, at, from
end

-- The first line.
local function head(version, bytes, past, tags, from)
  return string.format('%.0f %.0f', version, bytes) .. (past and ' r' .. past or '') .. (tags or '') .. (from and ' f' .. from or '')
end

-- The same while the move is recent, else nil.
local function recent(from, now, window)
  local at = from and tonumber(string.match(from, '^%d+'))
  return at and now - at <= window and from or nil
end

-- A connection that tracks what it has read (CLIENT TRACKING) is told of the next change only; its own counts as one. Reading makes it two.
local function put(key, value, ...)
  redis.call('SET', key, value, ...)
  redis.call('EXISTS', key)
end
`
