/**
 * Purpose: judge what a client has seen against what is stored; for the scripts that start with it.
 *
 * judge(stored, lost, seen) takes the stored version, what is noted as lost (or nil) and the newest version that the
 * client has seen, and returns
 *   behind  how many versions this client had seen that are lost
 *   base    the version above which the session goes on
 *   lost    what is to be noted as lost from now on (or nil)
 *
 * Noted are the newest lost versions, 'above-upto', so that everybody who saw one of them is told, not only who asks
 * first; and who did not get the answer is told again. It reaches further than what this client has seen, because
 * another may have seen more.
 */
export const LOSSES = `
local function judge(stored, lost, seen)
  if seen > stored then return seen - stored, seen + 1000, string.format('%.0f-%.0f', stored, seen + 1000) end
  local above, upto = string.match(lost or '', '(%d+)-(%d+)')
  if above and seen > tonumber(above) and seen <= tonumber(upto) then return seen - tonumber(above), stored, lost end
  return 0, stored, lost
end
`
