/** Runs the tasks of one name one after the other; tasks of different names do not wait for each other. */
export class Queue {
  readonly #tails = new Map<string, Promise<unknown>>()

  run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name)
    const running = before ? before.then(task, task) : task()
    this.#tails.set(name, running)
    const leave = () => {
      if (this.#tails.get(name) === running) this.#tails.delete(name)
    }
    running.then(leave, leave)
    return running
  }
}
