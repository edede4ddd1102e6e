/**
 * Purpose: find what a moved session went on as; for the scripts that start with it, after SESSION.
 *
 * follow(key, value, except) takes the key and the tombstone of a session that moved, and perhaps a key at which it
 * turns back. It returns three things, each in the order of the moves:
 *   moved      keys of the sessions that moved, the first included
 *   living     {key, 1 if something was stored there, its value or false} of those that have not ended
 *   destroyed  the tombstone of one that was destroyed, or nil
 *
 * The keys are not declared: they stand in tombstones. All share the first two characters of the id, and so the slot of
 * a cluster. No more than a hundred are looked at.
 */
export const SUCCESSORS = `
local function follow(key, value, except)
  local moved, living, destroyed = {}, {}, nil
  local values, looked = {value}, 0
  moved[1] = key
  local at = 1
  while moved[at] do
    local version = tonumber(string.match(values[at], '^>%d+ (%d+)'))
    for successor in string.gmatch(values[at], '\\n([^\\n]+)') do
      looked = looked + 1
      if looked > 100 then return moved, living, destroyed end
      local there = successor ~= except and redis.call('GET', successor)
      if successor == except then there = false
      elseif not isEnded(there) then living[#living + 1] = {successor, (there and string.byte(there) ~= 48) or version > 0, there}
      elseif string.byte(there) == 62 then moved[#moved + 1], values[#values + 1] = successor, there
      else destroyed = destroyed or there end
    end
    at = at + 1
  end
  return moved, living, destroyed
end
`
