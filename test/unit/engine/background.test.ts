import { describe, expect, it } from 'vitest'
import { Background } from '../../../src/engine/process/background.ts'
import { deferred } from '../support/backend.ts'

describe('what goes on off the path of requests', () => {
  it('is waited for, all of it', async () => {
    const background = new Background()
    const tasks = [deferred(), deferred()]
    for (const { promise } of tasks) background.run(promise)
    let settled = false
    const all = background.settled().then(() => {
      settled = true
    })
    tasks[0]?.resolve()
    await tasks[0]?.promise
    await Promise.resolve()
    expect(settled).toBe(false)
    tasks[1]?.resolve()
    await all
    expect(settled).toBe(true)
  })

  it('and what it begins in turn', async () => {
    const background = new Background()
    const [first, second] = [deferred(), deferred()]
    const steps: string[] = []
    background.run(first.promise.then(() => background.run(second.promise.then(() => void steps.push('second')))))
    const settled = background.settled().then(() => void steps.push('settled'))
    first.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(steps).toEqual([])
    second.resolve()
    await settled
    expect(steps).toEqual(['second', 'settled'])
  })

  it('may fail: that harms nobody, and is no unhandled rejection', async () => {
    const background = new Background()
    background.run(Promise.reject(new Error('told through events')))
    await expect(background.settled()).resolves.toBeUndefined()
  })

  it('is nothing at first: nobody waits', async () => {
    await expect(new Background().settled()).resolves.toBeUndefined()
  })
})
