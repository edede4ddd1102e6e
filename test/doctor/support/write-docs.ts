// Makes the tables of docs/doctor.md again: npx tsx test/doctor/support/write-docs.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { withTables } from './tables.ts'

const page = new URL('../../../docs/doctor.md', import.meta.url)
writeFileSync(page, withTables(readFileSync(page, 'utf8')))
