/** `rel09 why RESOURCE INPUT…`: everything that is known of one resource, and every rule's verdict on it. */

import { judge } from '../engine/judge.ts'
import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Finding, Report } from '../model/report.ts'
import { severities, type Verdict } from '../model/rule.ts'
import { type Subject, type SubjectKind, subjectKinds } from '../model/subject.ts'
import { PolicyExemptions } from '../policy/exemptions.ts'
import { counted } from '../reporters/count-text.ts'
import { evidenceLines, reasonText } from '../reporters/evidence-text.ts'
import { sentenceOf } from '../reporters/finding-text.ts'
import { visible } from '../reporters/visible-text.ts'
import { spellFact } from '../rules/message.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { columnsOf, factLines, jsonText, markOf, painterFor, paintSeverity, visibleValue, wrap } from './layout.ts'
import { checkTime, colourOption, formatOption, judgingOptions } from './options.ts'
import { type Joined, type JudgingOptions, joinInputs, loadStandards, problemLine, type Standards } from './pipeline.ts'
import { startProgress } from './progress.ts'
import { type ProofStyle, proofLines } from './proof.ts'
import { findSubject } from './subject-search.ts'
import { UsageError } from './usage-error.ts'

interface WhyOptions extends JudgingOptions {
  subject?: SubjectKind
  all?: boolean
  facts?: boolean
  format?: 'text' | 'json'
  colour?: boolean
  progress?: boolean
}

export const command: CommandDefinition = {
  summary: 'the proof for one resource: what protects it, what would be lost, and every verdict',
  group: 'Understand',
  configure(commander) {
    commander
      .description(
        'Tells all that is known of one resource. For a data store: its tier and what that asks, each mechanism that covers it ' +
          'and why (or what nearly covers it), the loss promised and measured, its copies, who could destroy them, its restores ' +
          "and jobs, every rule's verdict, and what is not known and how to make it known.",
      )
      .argument('<resource>', 'ARN, id, name or address of a resource in the inputs')
      .argument('[input...]', 'files or directories, as for rel09 scan; - for standard input')
    judgingOptions(commander)
    commander
      .addOption(
        commander
          .createOption('--subject <kind>', 'what is meant, where several share a name')
          .choices([...subjectKinds]),
      )
      .option('--all', 'also list the rules that are met or do not apply')
      .option('--facts', 'also list every known fact')
      .option('--no-progress', 'no progress on standard error')
    formatOption(commander)
    colourOption(commander)
    commander.addHelpText(
      'after',
      '\nExamples:\n  rel09 why orders config-snapshot.json.gz\n  rel09 why arn:aws:dynamodb:eu-west-1:111122223333:table/carts snapshot.ndjson --policy rel09.yaml\n  rel09 why orders snapshot.ndjson --subject backup-vault --format json\n\nExit codes: 0 told, whatever the verdicts; 2 no such resource, several of that name, wrong usage or unreadable input.',
    )
  },
  run: (args, options, context) => why(args, options as WhyOptions, context),
}

const everyVerdict: ReadonlySet<Verdict> = new Set(['compliant', 'non-compliant', 'not-applicable', 'undetermined'])

async function why(
  [resource = '', ...inputs]: string[],
  options: WhyOptions,
  context: CommandContext,
): Promise<number> {
  const now = checkTime(options.now)
  if (inputs.length === 0)
    throw new UsageError([`name an input to look for ${resource} in, e.g. rel09 why ${resource} snapshot.ndjson`])
  const standards = await loadStandards(options, context)
  const progress = startProgress(context, options.progress !== false)
  const { inventory, problems, exemptions } = await joinInputs(
    inputs,
    standards,
    { ...options, now },
    context,
    progress.bytes,
  )
  progress.phase('searching')
  const place = findOrTell(inventory, resource, options, problems.map(problemLine), progress.end)
  progress.end()
  const report = judgeOne({ inventory, exemptions }, place, standards, context, now ?? context.now)
  const subject = plainSubject(inventory.subject(place))
  const findings = [...report.findings(everyVerdict)].sort(byImportance)
  if (options.format === 'json')
    context.stdout.write(jsonText({ version: 1, tool: report.tool, ...subject, findings, gaps: report.gaps }))
  else
    context.stdout.write(
      asText(visibleValue(subject), visibleValue(findings), options, {
        paint: painterFor(context, options.colour),
        width: columnsOf(context),
      }),
    )
  for (const problem of problems) context.stderr.write(`rel09: ${visible(problemLine(problem))}\n`)
  return problems.length > 0 ? 2 : 0
}

function findOrTell(
  inventory: Inventory,
  resource: string,
  options: WhyOptions,
  problems: string[],
  clear: () => void,
): number {
  const found = findSubject(inventory, resource, options.subject)
  if ('place' in found) return found.place
  clear()
  throw new UsageError([...problems, ...found.lines])
}

/** Facts are made when they are read; here all of them are, once. What a subject shares with others says nothing of it. */
function plainSubject({ alike: _, ...subject }: Subject): Subject {
  return { ...subject, facts: JSON.parse(JSON.stringify(subject.facts)) as Facts }
}

/** Judges one subject alone: the facts hold all that other resources have to do with it. */
function judgeOne(
  { inventory, exemptions }: Pick<Joined, 'inventory' | 'exemptions'>,
  place: number,
  { policy, rules, rulesDigest }: Standards,
  { version }: CommandContext,
  now: string,
): Report {
  const alone: Inventory = {
    ...inventory,
    size: 1,
    kindOf: () => inventory.kindOf(place),
    subject: () => inventory.subject(place),
    whyMissing: (subject, path, group) => inventory.whyMissing(subject, path, group),
  }
  return judge(alone, rules, policy, {
    now,
    exemptions: new PolicyExemptions(policy, rules, now),
    inlineExemptions: exemptions,
    version,
    rulesDigest,
  })
}

/** Pieces of evidence told of one verdict; JSON has them all. */
const mostEvidence = 8

const verdictOrder: readonly Verdict[] = ['non-compliant', 'undetermined', 'compliant', 'not-applicable']

function byImportance(a: Finding, b: Finding): number {
  return (
    verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (a.rule < b.rule ? -1 : 1)
  )
}

function asText(subject: Subject, findings: readonly Finding[], options: WhyOptions, style: ProofStyle): string {
  const { paint } = style
  const isStore = subject.kind === 'data-store'
  const facts = options.facts || !isStore ? ['', paint.bold('Facts'), ...factLines(subject.facts, spellFact, '  ')] : []
  const lines = [
    ...headLines(subject, style),
    '',
    ...answerLines(findings, style),
    '',
    ...(isStore ? proofLines(subject.facts, { ...style, isBroken: path => isBroken(findings, path) }) : []),
    ...facts.slice(isStore ? 0 : 1),
    '',
    ...verdictLines(findings, options.all === true, style),
    ...missingLines(findings, style),
  ]
  return `${lines.join('\n')}\n`
}

function headLines(
  { kind, name, id, arn, type, account, region, address, location }: Subject,
  { paint }: ProofStyle,
): string[] {
  const where = [
    kind,
    type,
    account,
    region,
    address === name ? undefined : address,
    location && `${location.file}:${location.line}`,
  ]
  return [
    paint.bold(name ?? id),
    paint.dim(where.filter(text => text !== undefined).join(' · ')),
    ...(arn === undefined ? [] : [paint.dim(arn)]),
  ]
}

const isOpen = ({ verdict, state }: Finding) => verdict === 'non-compliant' && state !== 'exempted'

const isBroken = (findings: readonly Finding[], path: string): boolean =>
  findings.some(
    finding => finding.verdict === 'non-compliant' && finding.evidence.some(item => item.path.startsWith(path)),
  )

/** The whole proof in one line. */
function answerLines(findings: readonly Finding[], { paint, width }: ProofStyle): string[] {
  const open = findings.filter(isOpen)
  const count = (verdict: Verdict) => findings.filter(finding => finding.verdict === verdict).length
  const bySeverity = severities.flatMap(severity => {
    const own = open.filter(finding => finding.severity === severity).length
    return own === 0 ? [] : [`${own} ${severity}`]
  })
  const exempted = findings.filter(({ state }) => state === 'exempted').length
  const rest = [
    `${counted(count('compliant'), 'rule')} met`,
    count('undetermined') > 0 ? `${count('undetermined')} not known` : undefined,
    exempted > 0 ? `${exempted} exempted` : undefined,
  ].filter(text => text !== undefined)
  if (open.length > 0)
    return wrap(
      `${paint.red.bold(`${counted(open.length, 'rule')} broken`)} (${bySeverity.join(', ')}), ${rest.join(', ')}`,
      width,
    )
  if (count('undetermined') > 0)
    return wrap(
      `${paint.yellow.bold('No rule is known to be broken, but that is no proof')}: ${rest.join(', ')}`,
      width,
    )
  return wrap(
    `${count('compliant') === 0 ? 'No rule applies' : paint.green.bold('No rule is broken')}: ${rest.join(', ')}`,
    width,
  )
}

function verdictLines(findings: readonly Finding[], all: boolean, style: ProofStyle): string[] {
  const { paint } = style
  const shown = findings.filter(({ verdict }) => all || verdict === 'non-compliant' || verdict === 'undetermined')
  const met = findings.filter(({ verdict }) => verdict === 'compliant')
  const others = findings.length - findings.filter(({ verdict }) => verdict !== 'not-applicable').length
  const brief = [
    ...(met.length > 0
      ? wrap(`${markOf(paint, 'compliant')} met: ${met.map(({ rule }) => rule).join(', ')}`, style.width, '  ', '    ')
      : []),
    ...(others > 0
      ? [
          `  ${markOf(paint, 'not-applicable')} ${counted(others, 'rule does', 'rules do')} not apply (--all lists them)`,
        ]
      : []),
  ]
  return [paint.bold('Verdicts'), ...shown.flatMap(finding => findingLines(finding, style)), ...(all ? [] : brief)]
}

function findingLines(finding: Finding, { paint, width }: ProofStyle): string[] {
  const { verdict, severity, rule, title, exemption } = finding
  const failed = verdict === 'non-compliant'
  const head = `  ${markOf(paint, verdict)} ${paint.bold(rule)}${failed || verdict === 'undetermined' ? `  ${paintSeverity(paint, severity)}` : ''}`
  const sentence = failed ? sentenceOf(finding) : title
  const known = failed || verdict === 'compliant' ? evidenceLines(finding, mostEvidence) : []
  return [
    head,
    ...wrap(sentence, width, '    '),
    ...known.flatMap(line => wrap(line, width, '      ', '        ').map(text => paint.dim(text))),
    ...(exemption
      ? wrap(`exempted until ${exemption.expires} by ${exemption.owner}: ${exemption.reason}`, width, '    ')
      : []),
  ]
}

/** What is not known, by what would make it known. */
function missingLines(findings: readonly Finding[], { paint, width }: ProofStyle): string[] {
  const groups = new Map<string, { reason: string; paths: Set<string>; rules: Set<string> }>()
  for (const { rule, verdict, missing } of findings) {
    if (verdict !== 'undetermined') continue
    for (const { remedy, reason, path } of missing) {
      const group = groups.get(remedy) ?? { reason, paths: new Set<string>(), rules: new Set<string>() }
      groups.set(remedy, group)
      group.paths.add(path)
      group.rules.add(rule)
    }
  }
  if (groups.size === 0) return []
  const lines = [...groups].flatMap(([remedy, { reason, paths, rules }]) => [
    ...wrap(
      `${markOf(paint, 'undetermined')} ${[...paths].sort().join(', ')} (${reasonText(reason)}; ${counted(rules.size, 'rule')})`,
      width,
      '  ',
      '    ',
    ),
    ...wrap(`→ ${remedy}`, width, '    ', '      '),
  ])
  return ['', paint.bold('Not known, and how to make it known'), ...lines]
}
