// Protects the look of every format: a change of any output is seen and read before it is accepted.
import { expect, test } from 'vitest'
import { reporters } from '../../src/generated/reporters.ts'
import { clinic, clinicFindings, everything, findingOf, rendered, reportOf } from './clinic.ts'

const extensions: { readonly [format: string]: string } = { text: 'txt', markdown: 'md', junit: 'xml', github: 'log' }

test.each(Object.keys(reporters))('%s: the clinic', async format => {
  const reporter = await reporters[format]!()
  const extension = extensions[format] ?? format
  await expect(rendered(reporter, clinic())).toMatchFileSnapshot(`golden/clinic.${extension}`)
  await expect(rendered(reporter, clinic(), everything)).toMatchFileSnapshot(`golden/clinic-all.${extension}`)
})

test('text: colours, and a narrow terminal', async () => {
  const reporter = await reporters.text!()
  await expect(rendered(reporter, clinic(), { colour: true, width: 60 })).toMatchFileSnapshot(
    'golden/clinic-narrow.txt',
  )
})

test.each(['text', 'markdown', 'github'])('%s: one rule with many findings, and nothing wrong', async format => {
  const reporter = await reporters[format]!()
  const extension = extensions[format] ?? format
  const many = reportOf(() => Array.from({ length: 1234 }, (_, number) => findingOf(number)))
  await expect(rendered(reporter, many)).toMatchFileSnapshot(`golden/many.${extension}`)
  const fine = reportOf(() => clinicFindings.filter(({ verdict }) => verdict === 'compliant'))
  await expect(rendered(reporter, fine)).toMatchFileSnapshot(`golden/fine.${extension}`)
  await expect(
    rendered(
      reporter,
      reportOf(() => []),
    ),
  ).toMatchFileSnapshot(`golden/nothing.${extension}`)
})

test.each(Object.keys(reporters))('%s: the same report gives the same bytes', async format => {
  const reporter = await reporters[format]!()
  expect(rendered(reporter, clinic())).toBe(rendered(reporter, clinic()))
})
