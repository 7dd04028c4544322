import type { Message, Result, Location as SarifLocation, Suppression } from 'sarif'
import type { Location } from '../model/record.ts'
import type { Finding, FindingResource } from '../model/report.ts'
import type { Verdict } from '../model/rule.ts'
import { evidenceLines } from './evidence-text.ts'
import { resourceFacts, resourceName, sentenceOf } from './finding-text.ts'
import { relativeUri, repositoryPath } from './repository-path.ts'
import { levels } from './sarif-rule.ts'
import { isShown } from './shown-findings.ts'
import { shortVisible } from './visible-text.ts'

/** Where results point that have no place in the repository: a file that is there, such as the policy. */
const usualAnchor = 'rel09.yaml'

/** GitHub refuses more locations on one result. */
const mostRelated = 100

const longestMessage = 2000

/**
 * A message that no viewer takes for more than text: what SARIF reads as a link (`[text](target)`) or as a placeholder
 * (`{0}`) is set apart by a space.
 */
export function messageOf(text: string): Message {
  const shown = shortVisible(text, longestMessage)
    .replaceAll('](', '] (')
    .replace(/\{(?=\d)/g, '{ ')
  return { text: shown === '' ? '(no text)' : shown }
}

/** A line of a file, as a region of one line: GitHub marks a change only where all lines of the region are in it. */
export function physicalLocation({ file, line, column }: Location, anchor: string | undefined): SarifLocation {
  const path = repositoryPath(file)
  const known = path === undefined ? { line: 1, column: 1 } : { line, column: column ?? 1 }
  const startLine = Math.max(1, known.line)
  const startColumn = Math.max(1, known.column)
  const uri = relativeUri(path ?? repositoryPath(anchor ?? usualAnchor) ?? usualAnchor)
  const region = { startLine, startColumn, endLine: startLine, endColumn: startColumn + 1 }
  return { physicalLocation: { artifactLocation: { uri }, region } }
}

function logicalLocations(resource: FindingResource): SarifLocation['logicalLocations'] {
  const qualified = resource.arn ?? resource.address ?? resource.id
  const fullyQualifiedName = shortVisible(qualified === '' ? resource.type : qualified, longestMessage)
  return [{ name: shortVisible(resourceName(resource), 300), fullyQualifiedName, kind: 'resource' }]
}

function locationOf({ location, resource }: Finding, anchor: string | undefined): SarifLocation {
  const place = physicalLocation(location ?? { file: '', line: 1 }, anchor)
  return { ...place, logicalLocations: logicalLocations(resource) }
}

function relatedOf({ relatedLocations = [] }: Finding): SarifLocation[] {
  return relatedLocations
    .filter(({ file }) => repositoryPath(file) !== undefined)
    .slice(0, mostRelated)
    .map((place, id) => ({ id, ...physicalLocation(place, undefined), message: { text: 'also declared here' } }))
}

const kinds: { readonly [verdict in Verdict]: NonNullable<Result['kind']> } = {
  'non-compliant': 'fail',
  undetermined: 'open',
  compliant: 'pass',
  'not-applicable': 'notApplicable',
}

function suppressionsOf({ state, exemption }: Finding): Suppression[] {
  const reason =
    state === 'exempted' && exemption
      ? `${exemption.reason} (${exemption.owner}, until ${exemption.expires})`
      : 'known before: it is in the baseline'
  return [{ kind: 'external', status: 'accepted', justification: shortVisible(reason, longestMessage) }]
}

function propertiesOf(finding: Finding): Result['properties'] {
  const { severity, state, resource, count, missing } = finding
  const remedies = [...new Set(missing.map(({ remedy }) => shortVisible(remedy, 300)))]
  return {
    severity,
    state,
    resource: resourceFacts(finding).map(text => shortVisible(text, 300)),
    ...(resource.arn === undefined ? {} : { arn: shortVisible(resource.arn, longestMessage) }),
    evidence: evidenceLines(finding, 10),
    ...(remedies.length === 0 ? {} : { remedies }),
    ...(count === undefined ? {} : { count }),
  }
}

/**
 * A finding as a SARIF result that GitHub's code scanning takes: exactly one place in a file, a relative URI, the ARN only
 * as a logical location beside it, and fingerprints of rule and resource, which outlive moved lines.
 */
export function resultOf(finding: Finding, ruleIndex: number | undefined, anchor: string | undefined): Result {
  const kind = kinds[finding.verdict]
  const related = relatedOf(finding)
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    kind,
    level: kind === 'fail' ? levels[finding.severity] : 'none',
    message: messageOf(sentenceOf(finding)),
    locations: [locationOf(finding, anchor)],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: {
      'rel09/v1': finding.fingerprint,
      primaryLocationLineHash: `${finding.fingerprint}:1`,
    },
    ...(isShown(finding) ? {} : { suppressions: suppressionsOf(finding) }),
    properties: propertiesOf(finding),
  }
}
