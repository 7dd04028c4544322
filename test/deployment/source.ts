// Deployments as the command makes them, without the code of the functions.
import { deploymentSource, usualRules } from '../../src/commands/deployment-source.ts'
import type { DeploymentSource } from '../../src/deployment/kinds.ts'
import { builtInRules } from '../../src/rules/built-in.ts'

export const code = {
  'config-rules': 'config-rules-0123456789abcdef.zip',
  collector: 'collector-fedcba9876543210.zip',
  'org-scan': 'org-scan-0011223344556677.zip',
}

/** The source of a deployment; of all rules that are deployed unasked, or of those that are named. */
export function sourceOf(
  ids?: readonly string[],
  more: Partial<Pick<DeploymentSource, 'given' | 'defaults'>> = {},
): Promise<DeploymentSource> {
  const rules = ids ? builtInRules.filter(({ id }) => ids.includes(id)) : usualRules()
  return deploymentSource({ rules, given: {}, defaults: {}, code, version: '0.0.0', ...more })
}
