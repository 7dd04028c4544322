import type { Report, Summary } from '../model/report.ts'
import { severities } from '../model/rule.ts'
import { counted, listCounts, spellCount } from './count-text.ts'
import { unreadFiles } from './unknowns.ts'

/** What a report comes to. `unproven`: nothing is wrong as far as could be told, but evidence is missing. */
export type Outcome = 'findings' | 'fine' | 'unproven' | 'nothing'

/** The whole report in one line. */
export interface Conclusion {
  outcome: Outcome
  text: string
}

const judgedCount = ({ verdicts }: Summary): number =>
  verdicts.compliant + verdicts['non-compliant'] + verdicts.undetermined

/** What is set aside: counted, never silent. */
function asideOf({ states }: Summary): string {
  return listCounts([
    ['below --fail-on', states.belowThreshold],
    ['exempted', states.exempted],
    ['in the baseline', states.baselined],
  ])
}

/**
 * Says in one line what a report comes to. Missing evidence is never a pass: without findings, but with judgements that
 * could not be made or parts that could not be read, the line says so.
 */
export function concludeReport(report: Report): Conclusion {
  const { summary, gaps } = report
  const { open, states, verdicts } = summary
  const unread = gaps.length + unreadFiles(report).length
  if (judgedCount(summary) === 0) {
    const more = unread === 0 ? '' : ` ${counted(unread, 'part')} could not be read.`
    return { outcome: 'nothing', text: `Nothing was judged: no rule applies to what was read.${more}` }
  }
  const aside = asideOf(summary)
  const more = [
    aside === '' ? undefined : `set aside: ${aside}`,
    verdicts.undetermined === 0 ? undefined : `not known: ${counted(verdicts.undetermined, 'judgement')}`,
    unread === 0 ? undefined : `unread: ${counted(unread, 'part')}`,
  ].filter(text => text !== undefined)
  const tail = more.length === 0 ? '' : ` (${more.join('; ')})`
  if (states.open > 0) {
    const bySeverity = listCounts(severities.map(severity => [severity, open[severity]]))
    return { outcome: 'findings', text: `${counted(states.open, 'open finding')}: ${bySeverity}${tail}` }
  }
  if (verdicts.undetermined + unread > 0)
    return { outcome: 'unproven', text: `No open finding, but that is no proof: evidence is missing${tail}` }
  const passed = counted(verdicts.compliant, 'judgement')
  return { outcome: 'fine', text: `No open finding: ${passed} compliant${tail}` }
}

/** How many data stores are covered: `8 of 12 data stores covered by an accepted mechanism, 3 not, 1 not known`. */
export function coverageText({ stores, covered }: Summary): string {
  if (stores === 0) return 'no data stores'
  const rest = listCounts([
    ['not', covered.no],
    ['not known', covered.unknown],
  ])
  const whole = `${spellCount(covered.yes)} of ${counted(stores, 'data store')} covered by an accepted mechanism`
  return rest === '' ? whole : `${whole}, ${rest}`
}
