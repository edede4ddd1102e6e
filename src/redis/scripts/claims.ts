/**
 * Purpose: the claims of those who are next to write; for the scripts that start with it, after SESSION.
 *
 * claims(lines, now) takes off the claims that the lines of a session begin with, and returns a list of those that have not
 * ended, each {until, by, key}, and the lines without them. 'by' and the key are JSON strings.
 * withClaims(list, lines) puts them back.
 */
export const CLAIMS = `
local function claims(lines, now)
  local list, at = {}, 1
  while string.byte(lines, at + 1) == 33 do
    local till, by, key, stop = string.match(lines, '^\\n!(%d+)\\t([^\\t]*)\\t([^\\n]*)()', at)
    if tonumber(till) > now then list[#list + 1] = {tonumber(till), by, key} end
    at = stop
  end
  return list, at == 1 and lines or string.sub(lines, at)
end

local function withClaims(list, lines)
  if #list == 0 then return lines end
  local parts = {}
  for i, claim in ipairs(list) do parts[i] = string.format('\\n!%.0f\\t', claim[1]) .. claim[2] .. '\\t' .. claim[3] end
  return table.concat(parts) .. lines
end
`
