/** Findings of AWS Security Hub, in the account and Region that they are of. */
import {
  type AwsSecurityFinding,
  type AwsSecurityFindingFilters,
  BatchImportFindingsCommand,
  GetFindingsCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub'
import { configResourceField, type SecurityFinding } from '../../model/security-finding.ts'
import type { ActiveFilter, SecurityHub } from '../published-findings.ts'
import type { ClientOf } from './client-of.ts'

/** Faults of one finding that another try may mend. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_ImportFindingsError.html */
const passing = /throttl|internal|unavailable|timeout/i

const pageSize = 100

/** Security Hub as a client reaches it. */
export function securityHub(clientOf: ClientOf): SecurityHub {
  const client = clientOf(SecurityHubClient)
  return {
    async active(filter) {
      const found = new Map<string, SecurityFinding>()
      const Filters = filtersOf(filter)
      const seen = new Set<string>()
      let NextToken: string | undefined
      do {
        const page = await client.send(new GetFindingsCommand({ Filters, MaxResults: pageSize, NextToken }))
        for (const one of page.Findings ?? []) if (one.Id && isAskedFor(one, filter)) found.set(one.Id, ownMembers(one))
        NextToken = page.NextToken
        if (NextToken !== undefined && seen.has(NextToken)) throw new Error('Security Hub tells the same page twice')
        if (NextToken !== undefined) seen.add(NextToken)
      } while (NextToken)
      return found
    },
    async import(batch) {
      const { FailedFindings = [] } = await client.send(
        new BatchImportFindingsCommand({ Findings: [...batch] as never }),
      )
      const failed = new Map(FailedFindings.map(one => [one.Id, one]))
      const isPassing = ({ Id }: SecurityFinding) => passing.test(failed.get(Id)?.ErrorCode ?? '')
      return {
        again: batch.filter(isPassing),
        refused: batch
          .filter(one => failed.has(one.Id) && !isPassing(one))
          .map(({ Id }) => ({ code: failed.get(Id)?.ErrorCode ?? '', message: failed.get(Id)?.ErrorMessage ?? '' })),
      }
    },
  }
}

/** The product's ARN names account and Region: an administrator's Security Hub shows those of others too. */
function filtersOf({ productArn, generatorId, configResources }: ActiveFilter): AwsSecurityFindingFilters {
  const equal = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }]
  return {
    ProductArn: equal(productArn),
    GeneratorId: equal(generatorId),
    RecordState: equal('ACTIVE'),
    ...(configResources && {
      ProductFields: configResources.map(Value => ({ Key: configResourceField, Value, Comparison: 'EQUALS' as const })),
    }),
  }
}

/** What is told here is archived by somebody's answer: that it was asked for is not left to a filter alone. */
function isAskedFor(one: AwsSecurityFinding, { productArn, generatorId, configResources }: ActiveFilter): boolean {
  const { ProductArn, GeneratorId, RecordState, ProductFields = {} } = one
  const isOurs = ProductArn === productArn && GeneratorId === generatorId && RecordState === 'ACTIVE'
  return isOurs && (configResources?.includes(ProductFields[configResourceField] ?? '') ?? true)
}

/** What an update may hold: the rest is the customer's, or Security Hub's own. */
function ownMembers(one: AwsSecurityFinding): SecurityFinding {
  const { SchemaVersion, Id, ProductArn, GeneratorId, AwsAccountId, CreatedAt, UpdatedAt, Title, Description } = one
  const { FindingProviderFields, Resources, Compliance, RecordState, Remediation, ProductFields = {} } = one
  return {
    ...{ SchemaVersion, Id, ProductArn, GeneratorId, AwsAccountId, CreatedAt, UpdatedAt, Title, Description },
    ...{ FindingProviderFields, Resources, Compliance, RecordState, ...(Remediation && { Remediation }) },
    // Security Hub adds fields of its own to those of a product.
    ProductFields: Object.fromEntries(Object.entries(ProductFields).filter(([name]) => name.startsWith('rel09/'))),
  } as SecurityFinding
}
