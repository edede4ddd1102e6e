import type { Balancer } from './balancer.ts'
import { Browser } from './browser.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'
import { sleep } from './redis-pair.ts'
import { idle } from './stories/idle.ts'
import { doubleLogin, lateLogin, thief } from './stories/logins.ts'
import { logoutAfterRotation, logoutRace, plainLogout } from './stories/logouts.ts'
import { firstPage } from './stories/pages.ts'
import { rush } from './stories/rush.ts'
import { Stage } from './stories/stage.ts'

export const stories = {
  doubleLogin,
  lateLogin,
  thief,
  logoutRace,
  logoutAfterRotation,
  plainLogout,
  firstPage,
  idle,
  rush,
}
export type StoryName = keyof typeof stories

/** Stories of one visitor, at most. */
const MANY = 100_000

export interface VisitorOptions {
  readonly client: number
  readonly balancer: Balancer
  readonly recorder: Recorder
  readonly random: Random
  readonly over: () => boolean
  /** Milliseconds after which nothing excuses that a backend has not heard. */
  readonly grace: number
  readonly only?: readonly StoryName[] | undefined
}

/** Comes with an empty jar, plays one story, leaves, and comes again. */
export class Visitor {
  readonly #options: VisitorOptions
  readonly #later: Promise<void>[] = []

  constructor(options: VisitorOptions) {
    this.#options = options
  }

  async live(): Promise<void> {
    const { client, balancer, recorder, random, over, only, grace } = this.#options
    const names = only ?? (Object.keys(stories) as StoryName[])
    for (let count = 1; !over(); count++) {
      const browser = new Browser(client, balancer, recorder)
      const stage = new Stage(browser, random, client * MANY + count, grace)
      await stories[random.pick(names)](stage)
      this.#later.push(...stage.later)
      await sleep(random.between(0, 60))
    }
  }

  async audit(): Promise<void> {
    await Promise.all(this.#later)
  }
}
