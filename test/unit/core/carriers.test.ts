import { expect, test } from 'vitest'
import { type Carrier, createExtract } from '../../../src/core/carriers.ts'

const all: Carrier[] = [{ header: 'Mcp-Session-Id' }, { query: 'sid' }, { path: '/files/:id' }]

test.each<[string, string | undefined, Record<string, string | string[]>, string | undefined]>([
  ['a header', '/', { 'mcp-session-id': 'one' }, 'one'],
  ['a header that came twice', '/', { 'mcp-session-id': ['one', 'two'] }, 'one'],
  ['a query parameter', '/x?a=1&sid=two', {}, 'two'],
  ['an encoded one', '/x?s%69d=t%77o', {}, undefined],
  ['an encoded value', '/x?sid=t%77o', {}, 'two'],
  ['a name that only ends like it', '/x?asid=no', {}, undefined],
  ['an empty one', '/x?sid=', {}, undefined],
  ['a path', '/files/three', {}, 'three'],
  ['what follows the path', '/files/three/parts/7?q=/files/no', {}, 'three'],
  ['another path', '/other/three', {}, undefined],
  ['a path without the id', '/files/', {}, undefined],
  ['a shorter path', '/files', {}, undefined],
  ['the first that is there', '/files/three?sid=two', {}, 'two'],
  ['an empty header is none', '/files/three', { 'mcp-session-id': '' }, 'three'],
  ['no URL', undefined, {}, undefined],
  ['a broken query', '/x?sid=%E0%A4%A', {}, '\uFFFD%A'],
])('%s', (_name, url, headers, wanted) => {
  expect(createExtract(all)({ url, headers })).toBe(wanted)
})
