import { describe, expect, it } from 'vitest'
import { cookieValues } from '../../../src/core/cookie.ts'

describe('the values of our cookie in a Cookie header', () => {
  it.each([
    { header: undefined, values: [] },
    { header: '', values: [] },
    { header: 'limpet=v', values: ['v'] },
    { header: 'a=1; limpet=v; b=2', values: ['v'] },
    { header: 'a=1;limpet=v;b=2', values: ['v'] },
    { header: '  limpet=v  ', values: ['v'] },
    { header: 'a=1;\t limpet= v\t; b=2', values: ['v'] },
    { header: 'limpet=', values: [''] },
    { header: 'limpet=;limpet=v', values: ['', 'v'] },
    { header: 'limpet=v=w', values: ['v=w'] },
    { header: 'limpet="v"', values: ['v'] },
    { header: 'limpet=" v "', values: [' v '] },
    { header: 'limpet="', values: ['"'] },
    { header: 'limpet=""', values: [''] },
    { header: 'limpet="v', values: ['"v'] },
    { header: 'limpet=old; a=1; limpet=new', values: ['old', 'new'] },
    { header: 'limpet', values: [] },
    { header: 'limpet;limpet=v', values: ['v'] },
    { header: 'Limpet=v', values: [] },
    { header: ';;;limpet=v;;', values: ['v'] },
    { header: 'a=ü; limpet=é', values: ['é'] },
  ])('$header', ({ header, values }) => {
    expect(cookieValues(header, 'limpet')).toEqual(values)
  })

  it.each([
    'xlimpet=v',
    'x-limpet=v',
    '__Host-limpet=v',
    'x limpet=v',
    'a=limpet=v',
    'a="limpet=v"',
    'a= limpet=v',
    'limpetx=v',
    'limpet =v',
  ])('another cookie is not ours: %s', (header) => {
    expect(cookieValues(header, 'limpet')).toEqual([])
    expect(cookieValues(`${header}; limpet=mine`, 'limpet')).toEqual(['mine'])
  })

  it('takes the name as it is, not as a pattern', () => {
    expect(cookieValues('axb=1; a.b=2; a.b*=3', 'a.b')).toEqual(['2'])
    expect(cookieValues('axb=1; a.b*=3', 'a.b*')).toEqual(['3'])
  })

  it('reads all of them, in order: whoever checks them has the say in how many', () => {
    const values = Array.from({ length: 500 }, (_, index) => `${index}`)
    expect(cookieValues(values.map((value) => `limpet=${value}`).join('; '), 'limpet')).toEqual(values)
  })
})
