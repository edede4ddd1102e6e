/**
 * Purpose: the claims of those who are next to write; for the scripts that start with it, after SESSION.
 *
 * claims(value, at, now) reads the claims that the lines of a session begin with, at the position given, and returns a
 * list of those that have not ended, each {until, by, key}, and the position behind them. 'by' and the key are JSON
 * strings. claimLines(list) makes the lines of them again.
 */
export const CLAIMS = `
local function claims(value, at, now)
  local list = {}
  while value and string.byte(value, at + 1) == 33 do
    local till, by, key, stop = string.match(value, '^\\n!(%d+)\\t([^\\t]*)\\t([^\\n]*)()', at)
    if tonumber(till) > now then list[#list + 1] = {tonumber(till), by, key} end
    at = stop
  end
  return list, at
end

local function claimLines(list)
  local lines = ''
  for _, claim in ipairs(list) do lines = lines .. string.format('\\n!%.0f\\t', claim[1]) .. claim[2] .. '\\t' .. claim[3] end
  return lines
end
`
