/**
 * Purpose: read and change single entries of a session; for the scripts that start with it.
 *
 * entries(value, at, count) takes a session, where its entries begin, and how many keys will be asked for or changed,
 * and returns
 *   get(key)           the text that was there, or nil
 *   set(key, text)     returns by how many bytes of keys and texts the session grew
 *   remove(key)        the same
 *   close(first, ...)  the session, with these first lines
 *
 * Few keys are looked up in the text itself, which costs nothing for the entries that are left alone. Many would make
 * that quadratic, so for them the lines are taken apart once. Both are put together once. A change names a key once, or
 * removes it several times.
 */
export const ENTRIES = `
-- Bytes of a key, which comes as a JSON string.
local function sizeOf(key)
  if string.find(key, '\\\\', 1, true) then return #cjson.decode('[' .. key .. ']')[1] end
  return #key - 2
end

local function few(value, at)
  local edits, more, removed = {}, {}, {}
  local function find(key) -- where the line begins, where its text does, and what comes behind it
    local from, to = string.find(value, '\\n' .. key .. '\\t', at, true)
    if not from then return nil end
    return from, to + 1, string.find(value, '\\n', to + 1, true) or #value + 1
  end
  local function get(key)
    local from, text, stop = find(key)
    return from and string.sub(value, text, stop - 1)
  end
  local function set(key, text)
    local from, old, stop = find(key)
    if from then
      edits[#edits + 1] = {old, stop, text}
      return #text - (stop - old)
    end
    more[#more + 1] = '\\n' .. key .. '\\t' .. text
    return sizeOf(key) + #text
  end
  local function remove(key)
    local from, old, stop = find(key)
    if not from or removed[key] then return 0 end
    removed[key] = true
    edits[#edits + 1] = {from, stop, ''}
    return -sizeOf(key) - (stop - old)
  end
  local function close(...)
    local parts, done = {...}, at
    table.sort(edits, function(a, b) return a[1] < b[1] end)
    for _, edit in ipairs(edits) do
      parts[#parts + 1] = string.sub(value, done, edit[1] - 1)
      parts[#parts + 1] = edit[3]
      done = edit[2]
    end
    parts[#parts + 1] = string.sub(value, done)
    for _, line in ipairs(more) do parts[#parts + 1] = line end
    return table.concat(parts)
  end
  return get, set, remove, close
end

local function many(value, at)
  local order, texts = {}, {}
  for key, text in string.gmatch(string.sub(value, at), '\\n([^\\t]*)\\t([^\\n]*)') do
    order[#order + 1] = key
    texts[key] = text
  end
  local function get(key) return texts[key] end
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
  local function close(...)
    local parts = {...}
    for _, key in ipairs(order) do
      local text, last = texts[key], #parts
      if text then parts[last + 1], parts[last + 2], parts[last + 3], parts[last + 4] = '\\n', key, '\\t', text end
    end
    return table.concat(parts)
  end
  return get, set, remove, close
end

local function entries(value, at, count)
  return (count > 8 and many or few)(value or '', at)
end
`
