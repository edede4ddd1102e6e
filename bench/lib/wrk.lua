-- What wrk sends. Its arguments: a file with one Cookie header a line, and "renew" where each answer brings the client's next cookie.
-- A client sends no request before it has the answer to its last one, so a renewed cookie goes to the end of the queue.
local cookies = {}
local first, last = 1, 0
local verified = false

local function push(cookie)
  last = last + 1
  cookies[last] = cookie
end

function init(args)
  if args[1] == nil then return end
  for line in io.lines(args[1]) do push(line) end
  if args[2] == 'renew' then renew() else rotate() end
end

function rotate()
  local formatted = {}
  for i = first, last do formatted[i] = wrk.format('GET', nil, { Cookie = cookies[i] }) end
  local at = 0
  request = function()
    at = at % last + 1
    return formatted[at]
  end
end

function renew()
  request = function()
    local cookie = cookies[first]
    -- wrk asks once more than it sends, to see whether it is a request.
    if verified and first < last then
      cookies[first] = nil
      first = first + 1
    end
    verified = true
    return wrk.format('GET', nil, { Cookie = cookie })
  end
  response = function(_, headers)
    local set = headers['Set-Cookie']
    if set then push(set:match('^[^;]*')) end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"answers":%d,"seconds":%f,"errors":%d,"p99":%f}\n', summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(99)))
end
