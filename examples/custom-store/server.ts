import type { AddressInfo } from 'node:net'
import express from 'express'
import { sticky } from 'limpet'
import { fileTable } from './file-table.ts'
import { tableStore } from './table-store.ts'

declare module 'limpet' {
  interface SessionData {
    visits: number
  }
}

const table = await fileTable(process.env.SESSIONS ?? 'sessions.json')
const app = express()
app.use(sticky({ store: tableStore(table) }))
app.get('/', async (req, res) => {
  const visits = await req.sticky.session.update('visits', (before) => Number(before ?? 0) + 1)
  res.send(`visit ${visits}\n`)
})

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`)
})
