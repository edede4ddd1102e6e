import { type Finding, numbersOf } from '../findings.ts'
import { answered, kept, type Observations } from '../observations.ts'
import { addressIn } from '../wire/addresses.ts'

/** A cookie that gives an address of the inner network away. */
export function addressDisclosed(seen: Observations): readonly Finding[] {
  const disclosed = answered(seen).flatMap((exchange) =>
    kept(exchange).flatMap(({ name, value }) => {
      const address = addressIn(value)
      return address === undefined ? [] : [{ exchange, name, value, address }]
    }),
  )
  return [...new Set(disclosed.map(({ name }) => name))].map((name) => {
    const own = disclosed.filter((one) => one.name === name)
    const addresses = [...new Set(own.map(({ address }) => address))].sort()
    const evidence = numbersOf(own.map(({ exchange }) => exchange)).slice(0, 3)
    return {
      id: 'address-disclosed',
      level: 'warning',
      args: { name, addresses, value: own[0]?.value ?? '' },
      evidence,
    }
  })
}
