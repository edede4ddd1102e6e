import type { Connection, RedisDriver } from './connection.ts'

/** A driver for one server whose client library is still being loaded when the first connection is wanted. */
export function lazyDriver(loading: Promise<RedisDriver>): RedisDriver {
  let loaded: RedisDriver | undefined
  // What it rejects with is told by the first connection.
  loading.then(
    (driver) => {
      loaded = driver
    },
    () => undefined,
  )
  return {
    keyPrefix: '',
    isCluster: false,
    open(on) {
      if (loaded) return loaded.open(on)
      let connection: Connection | undefined
      let isOver = false
      loading.then((driver) => {
        if (!isOver) connection = driver.open(on)
      }, on.ended)
      return {
        send: (key, command) => connection?.send(key, command) ?? Promise.reject(new Error('there is no connection')),
        end() {
          isOver = true
          connection?.end()
        },
      }
    },
    listen(beside, channel, on) {
      if (loaded) return loaded.listen(beside, channel, on)
      throw new Error('a listener stands beside a connection, and there is none yet')
    },
  }
}
