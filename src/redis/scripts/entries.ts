/**
 * Purpose: read and change single entries of a session; for the scripts that start with it.
 *
 * entries(lines, count) takes the lines of a session and how many keys will be asked for or changed, and returns
 *   get(key)         the text, or nil
 *   set(key, text)   returns by how many bytes of keys and texts the session grew
 *   remove(key)      the same
 *   lines()          what has become of the lines
 *
 * Few keys are looked up in the text itself, which costs nothing for the entries that are left alone. Many would make that
 * quadratic, so for them the lines are taken apart once and put together once.
 */
export const ENTRIES = `
-- Bytes of a key, which comes as a JSON string.
local function sizeOf(key)
  if string.find(key, '\\\\', 1, true) then return #cjson.decode('[' .. key .. ']')[1] end
  return #key - 2
end

local function few(lines)
  local function find(key)
    local from, to = string.find(lines, '\\n' .. key .. '\\t', 1, true)
    if not from then return nil end
    local stop = string.find(lines, '\\n', to + 1, true) or #lines + 1
    return from, stop, to + 1
  end
  local function get(key)
    local from, stop, at = find(key)
    return from and string.sub(lines, at, stop - 1)
  end
  local function set(key, text)
    local from, stop, at = find(key)
    if not from then
      lines = lines .. '\\n' .. key .. '\\t' .. text
      return sizeOf(key) + #text
    end
    lines = string.sub(lines, 1, at - 1) .. text .. string.sub(lines, stop)
    return #text - (stop - at)
  end
  local function remove(key)
    local from, stop, at = find(key)
    if not from then return 0 end
    lines = string.sub(lines, 1, from - 1) .. string.sub(lines, stop)
    return -sizeOf(key) - (stop - at)
  end
  return get, set, remove, function() return lines end
end

local function many(lines)
  local order, texts = {}, {}
  for key, text in string.gmatch(lines, '\\n([^\\t]*)\\t([^\\n]*)') do
    order[#order + 1] = key
    texts[key] = text
  end
  local function set(key, text)
    local before = texts[key]
    if not before then order[#order + 1] = key end
    texts[key] = text
    return before and #text - #before or sizeOf(key) + #text
  end
  local function remove(key)
    local before = texts[key]
    texts[key] = nil
    return before and -sizeOf(key) - #before or 0
  end
  local function all()
    local list = {}
    for _, key in ipairs(order) do
      if texts[key] then list[#list + 1] = '\\n' .. key .. '\\t' .. texts[key] end
    end
    return table.concat(list)
  end
  return function(key) return texts[key] end, set, remove, all
end

local function entries(lines, count)
  return (count > 8 and many or few)(lines)
end
`
