// What `rel09 deploy` writes of each kind, but for the code of the functions: for the tools that judge templates.
import { importModules } from './rule-loader.mjs'

/** Text by name (`config-rules/template.yaml`). */
export async function deploymentFiles() {
  const { deploymentKinds, deploymentOf, deploymentSource, usualRules } = await importModules(`
    export { deploymentKinds, deploymentOf } from './src/deployment/kinds.ts'
    export { deploymentSource, usualRules } from './src/commands/deployment-source.ts'`)
  const source = await deploymentSource({
    rules: usualRules(),
    given: {},
    defaults: {},
    code: {
      'config-rules': 'config-rules-0123456789abcdef.zip',
      collector: 'collector-0123456789abcdef.zip',
      'org-scan': 'org-scan-0123456789abcdef.zip',
    },
    version: '0.0.0',
  })
  return Object.fromEntries(
    Object.keys(deploymentKinds).flatMap(kind =>
      Object.entries(deploymentOf(kind, source).files).map(([name, text]) => [`${kind}/${name}`, text]),
    ),
  )
}
