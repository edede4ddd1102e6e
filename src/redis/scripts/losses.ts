/**
 * Purpose: judge what a client has seen against what is stored; for the scripts that start with it.
 *
 * judge(stored, past, seen, run, since) takes the stored version, its past (or nil), the newest version that the client
 * has seen, the run id of this server ('': not known), and the time in milliseconds where the request came with the id,
 * so that others may know it, else nil. It returns
 *   behind  how many versions this client had seen that are lost
 *   base    the version above which the session goes on
 *   past    its past from now on (or nil)
 *
 * A session's past is 'RUN:above-upto': the run id of the server that wrote it last, which is another one after a
 * failover and after a restart, and the newest lost versions, if any are. They are noted so that everybody who saw one
 * of them is told, not only who asks first; and who did not get the answer is told again. The note reaches further than
 * what this client has seen, because another may have seen more.
 *
 * Who writes first on another server cannot know whether the one before had got further. So the session leaps there, over
 * more versions than can have been lost; else what is written next would get the number of a lost version, and who has
 * seen that one would look up to date. For the same reason what begins under an id that others know, and may be all that
 * is left after a loss, begins at a number that comes from the time, and all below it count as lost.
 */
export const LOSSES = `
local function judge(stored, past, seen, run, since)
  local before, above, upto = string.match(past or '', '^([^:]*):?(%d*)%-?(%d*)$')
  local function note(base)
    return string.format('%s:%.0f-%.0f', run == '' and before or run, stored, base)
  end
  if seen > stored then return seen - stored, seen + 1000, note(seen + 1000) end
  local isLost = above ~= '' and seen > tonumber(above) and seen <= tonumber(upto)
  local behind = isLost and seen - tonumber(above) or 0
  local isOther = run ~= '' and before ~= '' and before ~= run
  local leap = isOther and 1000 or stored == 0 and since and 1 + since % 65535
  if leap then return behind, stored + leap, note(stored + leap) end
  if run ~= '' and before == '' then past = run .. (past or '') end
  return behind, stored, past
end
`
