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
  const during = (begins: () => void, ends: () => void) => {
    begin(begins)
    time.at(fault.at + fault.length, ends)
  }
  switch (fault.kind) {
    case 'restart':
      during(
        () => backends.kill(fault.backend),
        () => backends.start(fault.backend),
      )
      break
    case 'bounce':
      during(
        () => backends.life(fault.backend)?.link.newsDown(),
        () => backends.life(fault.backend)?.link.newsUp(),
      )
      break
    case 'silent':
      during(
        () => backends.life(fault.backend)?.link.newsSilent(),
        () => backends.life(fault.backend)?.link.newsUp(),
      )
      break
    case 'slow-news':
      during(
        () => setNewsDelay(fault.backend, 1500),
        () => setNewsDelay(fault.backend, 0),
      )
      break
    case 'refused':
    case 'away':
      during(
        () => remote.leave(fault.kind === 'away' ? 'silent' : 'refused'),
        () => remote.comeBack(),
      )
      break
    case 'lossy':
      during(
        () => setWeather({ loss: 0.4 }),
        () => setWeather({ loss: 0 }),
      )
      break
    case 'slow':
      during(
        () => setWeather({ slow: 300 }),
        () => setWeather({ slow: 0 }),
      )
      break
    case 'clock':
      begin(() => backends.shift(fault.backend, fault.length))
      break
    case 'jump':
      begin(() => remote.setBack(fault.length))
      break
  }

  function setWeather(sky: Partial<Pick<Sky, 'loss' | 'slow'>>): void {
    Object.assign(remote.weather, sky)
  }

  function setNewsDelay(backend: number, most: number): void {
    const life = backends.life(backend)
    if (life) life.link.newsSlow = most
  }
}
