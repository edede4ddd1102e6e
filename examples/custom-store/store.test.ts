import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { testStore } from 'limpet/testing'
import { fileTable } from './file-table.ts'
import { tableStore } from './table-store.ts'

const folder = await mkdtemp(join(tmpdir(), 'sessions-'))
const table = await fileTable(join(folder, 'sessions.json'))
after(() => rm(folder, { recursive: true }))

testStore({ name: 'a table in a file', describe, it, labels: true, createStore: () => tableStore(table) })
