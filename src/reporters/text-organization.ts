/** What a person wants to know at the end of a run over an organisation: how it stands, where it is worst, what was not seen. */
import { Chalk } from 'chalk'
import type { OrganizationSummary, UnreadPart } from '../model/organization.ts'
import { type Severity, severities } from '../model/rule.ts'
import { counted } from './count-text.ts'
import { shortVisible, visible } from './visible-text.ts'
import { padText, wrapText } from './wrap-text.ts'

/** How it is shown. */
export interface TextStyle {
  colour: boolean
  width: number
}

/** How much is listed: a person reads a page. */
const most = { accounts: 10, rules: 10, unread: 10, problems: 5 } as const

/** The summary of an organisation, for reading. */
export function* organizationText(told: OrganizationSummary, style: TextStyle): Generator<string> {
  for (const block of blocks(told, style)) if (block.length > 0) yield `${block.join('\n')}\n\n`
  yield `${conclusion(told, style)}\n`
}

const openText = (open: { [severity in Severity]: number }): string =>
  severities
    .filter(severity => open[severity] > 0)
    .map(severity => `${open[severity]} ${severity}`)
    .join(', ')

function* blocks(told: OrganizationSummary, style: TextStyle): Generator<string[]> {
  const chalk = new Chalk({ level: style.colour ? 1 : 0 })
  const { accounts, shards, summary, tool, worstRules, worstAccounts, unread, problems, problemCount } = told
  const { covered } = summary
  yield [
    `${chalk.bold(`${tool.name} ${visible(tool.version)}`)}  ${chalk.dim(
      [
        counted(accounts.all, 'account'),
        counted(shards.all, 'shard'),
        counted(summary.stores, 'data store'),
        counted(summary.resources, 'resource'),
        `as of ${visible(told.asOf)}`,
      ].join(' · '),
    )}`,
  ]
  yield [
    chalk.bold('Coverage'),
    `  ${counted(covered.yes, 'store')} covered, ${covered.no} not, ${covered.unknown} not known`,
  ]
  if (worstRules.length > 0)
    yield [
      chalk.bold('Worst rules'),
      ...worstRules
        .slice(0, most.rules)
        .map(
          ({ rule, severity, nonCompliant, accounts: of }) =>
            `  ${padText(rule, 44)} ${padText(severity, 9)} ${nonCompliant} in ${counted(of, 'account')}`,
        ),
    ]
  if (worstAccounts.length > 0)
    yield [
      chalk.bold('Worst accounts'),
      ...worstAccounts.slice(0, most.accounts).map(({ account, open, stores, uncovered }) => {
        const stands = `${uncovered} of ${counted(stores, 'store')} not covered`
        return `  ${account}  ${openText(open)}; ${stands}`
      }),
    ]
  const lost = shards.unread + shards.missing + accounts.all - accounts.judged
  if (lost > 0)
    yield [
      chalk.bold('Not read'),
      `  ${counted(shards.unread + shards.missing, 'shard')} of ${shards.all}, in ${counted(accounts.withUnread, 'account')}; ${counted(accounts.all - accounts.judged, 'account')} not judged`,
      ...unread
        .slice(0, most.unread)
        .flatMap(part => wrapText(partText(part), style.width - 4).map(line => `  ${line}`)),
      ...(unread.length > most.unread ? [`  and more: see summary.json`] : []),
    ]
  if (problemCount > 0)
    yield [
      chalk.bold('Bad inputs'),
      ...problems.slice(0, most.problems).map(({ file, message }) => `  ${shortVisible(`${file}: ${message}`, 300)}`),
      ...(problemCount > most.problems ? [`  and ${problemCount - most.problems} more`] : []),
    ]
}

function partText({ account, region, part, reason, remedy }: UnreadPart): string {
  const place = [account, region, part].filter(name => name !== undefined).join(' ')
  return shortVisible(`${place} (${reason}): ${remedy}`, 300)
}

function conclusion({ isComplete, summary }: OrganizationSummary, { colour }: TextStyle): string {
  const chalk = new Chalk({ level: colour ? 1 : 0 })
  const { open, verdicts } = summary
  const failures = openText(open)
  const found = failures === '' ? chalk.green('No open findings') : chalk.red(`Open findings: ${failures}`)
  const unknown = verdicts.undetermined > 0 ? `; ${counted(verdicts.undetermined, 'judgement')} not known` : ''
  return isComplete ? `${found}${unknown}.` : `${chalk.red('Not complete: run it again.')} ${found}${unknown}.`
}
