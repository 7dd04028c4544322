// The CloudFormation template of the role that `rel09 collect` reads an account with, as `rel09 deploy reader-role` writes it.
// Written to deploy/reader-role.yaml by `npm run docs`.
import { importModules } from './rule-loader.mjs'

/** The template. Throws where AWS would refuse the policy. */
export async function readerRoleTemplate() {
  const { readerRole, policyOf, collectors } = await importModules(`
    export { readerRole } from './src/deployment/reader-role.ts'
    export { policyOf } from './src/sources/aws/permissions.ts'
    export { collectors } from './src/generated/collectors.ts'`)
  return readerRole(policyOf(Object.values(collectors)))
}
