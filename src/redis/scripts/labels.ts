/**
 * The index of a label: a sorted set of session ids, each with the millisecond, on this server's clock, at which it
 * stops counting. The set expires with the last of them. Its scripts look at no session: those live in other slots of a
 * cluster.
 */
const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

const IN_TIME = `${CLOCK}
if now > tonumber(ARGV[1]) then return {'late', now} end
`

/**
 * Purpose: let a label lead to a session, or for longer.
 * KEYS[1]  the label's index
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen     ARGV[2], ARGV[3]  not used
 * ARGV[4]  id of the session     ARGV[5]  milliseconds
 * Returns  {'labelled', 1 if it is new there, else 0} | {'late', now}
 */
export const ADD_LABEL = `${IN_TIME}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local before = redis.call('ZSCORE', KEYS[1], ARGV[4])
local last = math.max(tonumber(before or 0), now + ARGV[5])
redis.call('ZADD', KEYS[1], string.format('%.0f', last), ARGV[4])
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
return {'labelled', before and 0 or 1}
`

/**
 * Purpose: find the sessions of a label. It writes nothing, so that a read-only server is no obstacle.
 * KEYS[1]  the label's index
 * Returns  ids
 */
export const LIST_LABEL = `${CLOCK}
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
`

/**
 * Purpose: let a label no longer lead to sessions.
 * KEYS[1]  the label's index
 * ARGV[1]  the last millisecond, on this server's clock, at which it may still happen     ARGV[2], ARGV[3]  not used
 * then     ids of the sessions
 * Returns  {'labelled'} | {'late', now}
 */
export const REMOVE_LABEL = `${IN_TIME}
for i = 4, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
return {'labelled'}
`
