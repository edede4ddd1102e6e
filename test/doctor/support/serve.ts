// A site with faults, by hand: npx tsx test/doctor/support/serve.ts 'persistence off' 'a cookie twice'
import { FAULTS, LIMPET_FAULTS } from './faults.ts'
import { together } from './run.ts'
import { startSite } from './site.ts'

const wanted = process.argv.slice(2)
const faults = [...FAULTS, ...LIMPET_FAULTS].filter(({ name }) => wanted.includes(name))
const site = await startSite(together(faults).switches)
console.log(site.url)
