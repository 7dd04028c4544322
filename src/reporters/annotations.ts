import type { Finding, Report } from '../model/report.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import { fixes, resourceFacts, sentenceOf } from './finding-text.ts'
import { repositoryPath } from './repository-path.ts'
import { isShown, keepWorst, type WorstFindings } from './shown-findings.ts'
import { shorten, visible } from './visible-text.ts'
import type { Annotation, AnnotationLevel } from './workflow-command.ts'

/** Levels of annotations, worst first. */
export const annotationLevels: readonly AnnotationLevel[] = ['error', 'warning', 'notice']

/** How many annotations there may be. */
export type AnnotationRoom = { readonly [level in AnnotationLevel]: number }

/** Annotations of the worst findings, and how many findings have none. */
export interface Annotations {
  annotations: Annotation[]
  rest: number
}

type Levels = { readonly [level in AnnotationLevel]: WorstFindings }

function levelOf({ verdict, severity }: Finding): AnnotationLevel {
  if (verdict !== 'non-compliant' || severity === 'low') return 'notice'
  return severity === 'medium' ? 'warning' : 'error'
}

function sortIntoLevels(report: Report, verdicts: ReadonlySet<Verdict>, room: AnnotationRoom): Levels {
  const byLevel = { error: keepWorst(room.error), warning: keepWorst(room.warning), notice: keepWorst(room.notice) }
  const told = new Set([...verdicts].filter(verdict => verdict === 'non-compliant' || verdict === 'undetermined'))
  for (const finding of report.findings(told)) if (isShown(finding)) byLevel[levelOf(finding)].add(finding)
  return byLevel
}

function annotationOf(level: AnnotationLevel, finding: Finding, rule: Rule | undefined): Annotation {
  const { location } = finding
  const file = location && repositoryPath(location.file)
  const lines = [sentenceOf(finding), resourceFacts(finding).join(' · '), ...fixes(finding, rule)]
  return {
    level,
    title: `rel09 ${finding.severity}: ${visible(finding.rule)}`,
    lines: lines.map(line => shorten(line, 1000)),
    ...(location === undefined || file === undefined ? {} : { file, line: location.line }),
  }
}

/** Annotates the worst findings of a report, worst first: as many of each level as there is room for, `most` altogether. */
export function annotationsOf(
  report: Report,
  verdicts: ReadonlySet<Verdict>,
  room: AnnotationRoom,
  most: number = Number.MAX_SAFE_INTEGER,
): Annotations {
  const rules = new Map(report.rules.map(rule => [rule.id, rule]))
  const byLevel = sortIntoLevels(report, verdicts, room)
  const annotations = annotationLevels
    .flatMap(level => byLevel[level].kept.map(finding => annotationOf(level, finding, rules.get(finding.rule))))
    .slice(0, most)
  const total = annotationLevels.reduce((sum, level) => sum + byLevel[level].total, 0)
  return { annotations, rest: total - annotations.length }
}
