// cdk-nag over a folder of templates: each becomes a stack by CfnInclude, as cdk-nag's documentation has it for templates.
const { readdirSync } = require('node:fs')
const { join } = require('node:path')
const { App, Stack } = require('aws-cdk-lib')
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include')
const { NagMessageLevel, NagPack, rules } = require('cdk-nag')

class Backups extends NagPack {
  constructor(scope) {
    super(scope)
    this.packName = 'Backups'
    this.name = 'Backups'
  }

  checkResource(node) {
    for (const rule of [
      rules.dynamodb.DynamoDBPITREnabled,
      rules.rds.RDSInstanceBackupEnabled,
      rules.s3.S3BucketVersioningEnabled,
    ])
      this.applyRule({ info: 'backup', explanation: 'backup', level: NagMessageLevel.ERROR, rule, node })
  }
}

const [folder] = process.argv.slice(2)
const app = new App({ analyticsReporting: false })
for (const [at, name] of readdirSync(folder).sort().entries())
  new CfnInclude(new Stack(app, `Stack${at}`), 'Template', { templateFile: join(folder, name) })
const report = new Backups(app).validateScope(app)
const count = report.violations.reduce((sum, { violatingResources }) => sum + violatingResources.length, 0)
process.stdout.write(`${count} violations\n`)
