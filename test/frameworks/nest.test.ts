import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Get,
  type INestApplication,
  Module,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { sticky as fastifySticky } from '../../src/fastify.ts'
import { memoryStore, type Sticky, sticky } from '../../src/index.ts'
import { cookieOf, send } from '../forward/support/client.ts'

/** `@Visitor()` before a parameter: the session of the request, whatever is below Nest. */
const Visitor = createParamDecorator((_data: unknown, context: ExecutionContext): Sticky => {
  return context.switchToHttp().getRequest().sticky
})

class Shop {
  async visits({ session }: Sticky): Promise<string> {
    return String(await session.update('n', (n) => Number(n ?? 0) + 1))
  }

  forbidden(): never {
    throw new ForbiddenException()
  }

  broken(): never {
    throw new Error('the shop is on fire')
  }
}

class Shops {}

// What the decorators would do: this repository's compiler is not set to read them.
const decorate = (decorator: MethodDecorator, name: keyof Shop) => {
  decorator(Shop.prototype, name, Object.getOwnPropertyDescriptor(Shop.prototype, name) as PropertyDescriptor)
}
Controller()(Shop)
for (const [path, name] of [
  ['/', 'visits'],
  ['/forbidden', 'forbidden'],
  ['/broken', 'broken'],
] as const) {
  decorate(Get(path), name)
}
Visitor()(Shop.prototype, 'visits', 0)
Module({ controllers: [Shop] })(Shops)

const options = () => ({ secret: 'a secret of the tests, 32 bytes or more', store: memoryStore() })
const quiet = { logger: false } as const

const platforms: [string, () => Promise<{ app: INestApplication; close: () => Promise<unknown> }>][] = [
  [
    'Express',
    async () => {
      const app = await NestFactory.create(Shops, quiet)
      const limpet = sticky(options())
      app.use(limpet)
      return { app, close: limpet.close }
    },
  ],
  [
    'Fastify',
    async () => {
      const app = await NestFactory.create<NestFastifyApplication>(Shops, new FastifyAdapter(), quiet)
      const limpet = fastifySticky(options())
      await app.register(limpet)
      return { app, close: async () => expect(limpet.isReady()).toBe(false) }
    },
  ],
]

let end: () => Promise<unknown> = async () => undefined
afterEach(() => end())

describe.each(platforms)('NestJS on %s', (_name, make) => {
  it('every answer carries the cookie, and a parameter decorator finds the session', async () => {
    const { app, close } = await make()
    await app.listen(0, '127.0.0.1')
    end = async () => {
      await app.close()
      await close()
    }
    const { port } = app.getHttpServer().address() as AddressInfo
    const first = await send(port, '/')
    expect(await send(port, '/', { headers: { cookie: cookieOf(first) } })).toMatchObject({ text: '2' })
    for (const [path, status] of [
      ['/', 200],
      ['/forbidden', 403],
      ['/broken', 500],
      ['/nowhere', 404],
    ] as const) {
      expect(await send(port, path), path).toMatchObject({ status, cookies: [expect.stringMatching(/^limpet=2/)] })
    }
  })
})
