// The same application, whose requests go to the owners of their sessions.
process.env.LIMPET_CHECK = 'forward'
await import('./limpet.ts')
