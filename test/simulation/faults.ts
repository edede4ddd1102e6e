import type { Backends } from './backends.ts'
import type { RemoteStore } from './link.ts'
import type { FaultPlan } from './plan.ts'
import type { VirtualTime } from './time.ts'
import type { Sky } from './weather.ts'

interface Scene {
  readonly backends: Backends
  readonly remote: RemoteStore<Sky>
}

/** Has one fault begin and end. */
export function strike(fault: FaultPlan, time: VirtualTime, { backends, remote }: Scene): void {
  const begin = (event: () => void) => time.at(fault.at, event)
  const end = (event: () => void) => time.at(fault.at + fault.length, event)
  switch (fault.kind) {
    case 'restart':
      begin(() => backends.kill(fault.backend))
      return end(() => backends.start(fault.backend))
    case 'bounce':
      begin(() => backends.life(fault.backend)?.link.newsDown())
      return end(() => backends.life(fault.backend)?.link.newsUp())
    case 'silent':
      begin(() => backends.life(fault.backend)?.link.newsSilent())
      return end(() => backends.life(fault.backend)?.link.newsUp())
    case 'slow-news':
      begin(() => setNewsDelay(fault.backend, 1500))
      return end(() => setNewsDelay(fault.backend, 0))
    case 'refused':
      begin(() => remote.leave('refused'))
      return end(() => remote.comeBack())
    case 'away':
      begin(() => remote.leave('silent'))
      return end(() => remote.comeBack())
    case 'lossy':
      begin(() => void (remote.weather.loss = 0.4))
      return end(() => void (remote.weather.loss = 0))
    case 'slow':
      begin(() => void (remote.weather.slow = 300))
      return end(() => void (remote.weather.slow = 0))
    case 'clock':
      return begin(() => backends.shift(fault.backend, fault.length))
  }

  function setNewsDelay(backend: number, most: number): void {
    const life = backends.life(backend)
    if (life) life.link.newsSlow = most
  }
}
