/**
 * Purpose: read the field 'x' of a tombstone; for the scripts that may find one.
 *
 * retired(x, now) takes the field (when the session ended, in milliseconds since 1970; below zero: it was moved to another id) and this server's
 * time, and returns the reply {'retired', age in ms, 1 if it was moved}
 */
export const TOMBSTONE = `
local function retired(x, now)
  local since = tonumber(x)
  return {'retired', now - math.abs(since), since < 0 and 1 or 0}
end
`
