import { describe, expect, it } from 'vitest'
import { Queue } from '../../../src/engine/process/queue.ts'
import { deferred } from '../support/backend.ts'

describe('the queue', () => {
  it('runs the tasks of one name one after the other, in order', async () => {
    const queue = new Queue()
    const steps: string[] = []
    const ends = [deferred(), deferred(), deferred()]
    const all = ends.map(({ promise }, index) =>
      queue.run('one', async () => {
        steps.push(`begin ${index}`)
        await promise
        steps.push(`end ${index}`)
      }),
    )
    for (const { resolve } of ends.toReversed()) resolve()
    await Promise.all(all)
    expect(steps).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  it('does not let the tasks of one name wait for those of another', async () => {
    const queue = new Queue()
    const never = deferred()
    void queue.run('slow', () => never.promise)
    await expect(queue.run('quick', async () => 'done')).resolves.toBe('done')
    never.resolve()
  })

  it('hands each result and each failure to whoever asked, and goes on after a failure', async () => {
    const queue = new Queue()
    const failing = queue.run('one', () => Promise.reject(new Error('first')))
    const next = queue.run('one', async () => 'second')
    await expect(failing).rejects.toThrow('first')
    await expect(next).resolves.toBe('second')
  })

  it('starts at once when nobody is before', () => {
    const queue = new Queue()
    let started = false
    void queue.run('one', async () => {
      started = true
    })
    expect(started).toBe(true)
  })
})
