/**
 * Restore testing of AWS Backup. `configuration` of a plan is the answer of `backup:GetRestoreTestingPlan`, of a selection that
 * of `backup:GetRestoreTestingSelection`, each as AWS wraps it. AWS Config records the plans (in CloudFormation's spelling,
 * as far as is known), not the selections. Both go by name. Conditions have `Key` and `Value`, the key with its prefix
 * `aws:ResourceTag/`. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetRestoreTestingSelection.html
 */
import type { RestoreTestingPlan, RestoreTestingSelection, TagCondition } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  configurationOf,
  isAbsent,
  known,
  names,
  numberOr,
  type Place,
  referenceOr,
  textOr,
  textsOr,
  timeOr,
} from './evidence.ts'
import { toText } from './property.ts'

function unwrapped(item: ResourceRecord, wrapper: string): Place {
  const root = configurationOf(item)
  const nested = at(root, wrapper)
  return isAbsent(nested) ? root : nested
}

function readPlan(item: ResourceRecord): RestoreTestingPlan | undefined {
  const plan = unwrapped(item, 'RestoreTestingPlan')
  const name = textOr(at(plan, 'RestoreTestingPlanName', 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  const points = at(plan, 'RecoveryPointSelection')
  // `ListRestoreTestingPlans` tells nothing of the points.
  const told = !isAbsent(points)
  const none = absentMeans(item, { api: null, cloudformation: null, terraform: null })
  const empty = told ? absentMeans<string[]>(item, { api: [], cloudformation: [], terraform: [] }) : undefined
  return known({
    name,
    schedule: textOr(at(plan, 'ScheduleExpression'), undefined),
    timezone: textOr(at(plan, 'ScheduleExpressionTimezone'), none),
    startWindowHours: numberOr(at(plan, 'StartWindowHours'), none),
    algorithm: textOr(at(points, 'Algorithm'), undefined),
    includeVaults: textsOr(at(points, 'IncludeVaults'), empty),
    excludeVaults: textsOr(at(points, 'ExcludeVaults'), empty),
    recoveryPointTypes: textsOr(at(points, 'RecoveryPointTypes'), empty),
    selectionWindowDays: numberOr(at(points, 'SelectionWindowDays'), told ? none : undefined),
    lastExecutionAt: timeOr(at(plan, 'LastExecutionTime'), absentMeans(item, { api: null })),
  })
}

function readCondition(place: Place): TagCondition | undefined {
  const key = textOr(at(place, 'Key'), undefined)
  const value = textOr(at(place, 'Value'), '')
  return key === undefined || value === undefined ? undefined : { key, value }
}

function readConditions(place: Place, told: boolean): RestoreTestingSelection['conditions'] {
  if (place.unknown || (isAbsent(place) && !told)) return undefined
  const stringEquals = allOr(at(place, 'StringEquals'), readCondition, [] as TagCondition[])
  const stringNotEquals = allOr(at(place, 'StringNotEquals'), readCondition, [] as TagCondition[])
  return stringEquals && stringNotEquals ? { stringEquals, stringNotEquals } : undefined
}

function readSelection(item: ResourceRecord): RestoreTestingSelection | undefined {
  const selection = unwrapped(item, 'RestoreTestingSelection')
  const name = textOr(at(selection, 'RestoreTestingSelectionName', 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  const arns = at(selection, 'ProtectedResourceArns')
  const conditions = at(selection, 'ProtectedResourceConditions')
  // An entry of `ListRestoreTestingSelections` is not wrapped, and tells neither ARNs nor conditions.
  const wrapped = selection.path !== ''
  const told =
    item.encoding !== 'config' && (item.encoding !== 'api' || wrapped || !isAbsent(arns) || !isAbsent(conditions))
  return known({
    name,
    planName: referenceOr(at(selection, 'RestoreTestingPlanName'), undefined),
    service: textOr(at(selection, 'ProtectedResourceType'), undefined),
    roleArn: textOr(at(selection, 'IamRoleArn'), undefined),
    resourceArns: textsOr(arns, told ? [] : undefined),
    conditions: readConditions(conditions, told),
    validationWindowHours: numberOr(
      at(selection, 'ValidationWindowHours'),
      absentMeans(item, { api: null, cloudformation: null, terraform: null }),
    ),
  })
}

/** Restore testing plans and selections. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'restore-testing-plan',
    type: 'AWS::Backup::RestoreTestingPlan',
    places: {
      selectionWindowHours: {
        cloudformation: 'RecoveryPointSelection.SelectionWindowDays',
        terraform: 'recovery_point_selection.selection_window_days',
      },
      includesContinuous: {
        cloudformation: 'RecoveryPointSelection.RecoveryPointTypes',
        terraform: 'recovery_point_selection.recovery_point_types',
      },
      includesCopyVaults: {
        cloudformation: 'RecoveryPointSelection.IncludeVaults',
        terraform: 'recovery_point_selection.include_vaults',
      },
      testsContinuousStores: {
        cloudformation: 'RecoveryPointSelection.RecoveryPointTypes',
        terraform: 'recovery_point_selection.recovery_point_types',
      },
    },
    names: names('AWS::Backup::RestoreTestingPlan', [
      'aws_backup_restore_testing_plan',
      'awscc_backup_restore_testing_plan',
    ]),
    identity: {
      arn: 'backup:{region}:{account}:restore-testing-plan:{id}-{made}',
      cloudformation: 'RestoreTestingPlanName',
      terraform: 'name',
    },
    read: readPlan,
  },
  {
    role: 'restore-testing-selection',
    type: 'AWS::Backup::RestoreTestingSelection',
    names: names('AWS::Backup::RestoreTestingSelection', [
      'aws_backup_restore_testing_selection',
      'awscc_backup_restore_testing_selection',
    ]),
    identity: { cloudformation: 'RestoreTestingSelectionName', terraform: 'name' },
    read: readSelection,
  },
]
