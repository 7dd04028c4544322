/** CloudFormation templates (YAML or JSON, with AWS SAM's) and what `cdk synth` writes. */
import { sampleKind } from './cloudformation/detect.ts'
import type { Source } from './source.ts'

/** CloudFormation templates and CDK cloud assemblies. */
export const source: Source = {
  name: 'CloudFormation templates and CDK cloud assemblies',
  markers: [
    /^["']?AWSTemplateFormatVersion["']?[ \t]*:/m,
    /"AWSTemplateFormatVersion"\s*:/,
    /"Type"\s*:\s*"AWS::/,
    /^[ \t]+Type[ \t]*:[ \t]*["']?AWS::/m,
  ],
  detect: sample => sampleKind(sample) !== undefined,
  async *read(files, reading) {
    // The parsers are large, and most runs read no template.
    const { readTemplates } = await import('./cloudformation/read.ts')
    yield* readTemplates(files, reading)
  },
}
