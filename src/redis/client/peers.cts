// For CommonJS; ES modules have peers.ts. Not `import()` here: Jest and other users of vm contexts refuse it.

function loadPeer(name: 'ioredis' | 'redis'): { module: unknown } | { error: unknown } {
  try {
    return { module: name === 'ioredis' ? require('ioredis') : require('redis') }
  } catch (error) {
    return { error }
  }
}

/** Loading tells at once. */
function isCertainlyMissing(): boolean {
  return false
}

export = { loadPeer, isCertainlyMissing }
