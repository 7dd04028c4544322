// Who may import whom (docs/architecture.md). Every arrow that is forbidden says why.
const pure = '^src/(model|resources|inventory|policy|rules|engine|reporters|deployment)/'
const allow = (folder, ...allowed) => ({
  name: `${folder}-imports-inwards`,
  comment: `src/${folder} may import only ${['itself', ...allowed].join(', ')}: dirty edges, a pure middle.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})(/|\\.ts$)` },
})

export default {
  forbidden: [
    allow('model'),
    allow('resources', 'model'),
    allow('inventory', 'model', 'resources'),
    allow('rules', 'model', 'generated'),
    // A policy sets parameters of rules, and names resources by the same wildcards as the join.
    allow('policy', 'model', 'rules', 'inventory/arn', 'generated'),
    allow('engine', 'model', 'rules', 'generated'),
    // Reporters know the report and nothing of how it came about.
    allow('reporters', 'model', 'version'),
    // Templates are made of what rules and services say of themselves.
    allow('deployment', 'model', 'resources', 'rules', 'generated'),
    // A template's references are resolved to what its resources will be called, which their services' files say.
    allow('sources', 'model', 'generated', 'resources/property', 'resources/identity', 'resources/definition'),
    allow('sinks', 'model'),
    {
      name: 'commands-not-to-hosts',
      comment: 'A command is given its streams; only a host knows the process.',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/hosts/' },
    },
    {
      name: 'pure-middle',
      comment: 'Between the snapshot and the report there is no I/O: the same input gives the same bytes.',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'only-sources-and-commands-read',
      comment: 'Files are read by sources (inputs) and by commands (policy, rules, baseline), nowhere else.',
      severity: 'error',
      from: { pathNot: '^src/(sources|commands|sinks|hosts)/' },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'no-colour-outside-text',
      comment: 'chalk belongs to what a person reads on a terminal.',
      severity: 'error',
      from: { pathNot: '^src/(reporters/text|commands/)' },
      to: { path: 'chalk' },
    },
    {
      name: 'only-git-is-run',
      comment: 'rel09 runs no program but git, which reads commits for the Action.',
      severity: 'error',
      from: { pathNot: '^src/commands/action/git\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'toolkit-only-in-the-action',
      comment: "GitHub's toolkit is bundled into the Action and is in nothing else.",
      severity: 'error',
      from: { pathNot: '^src/hosts/action\\.ts$' },
      to: { path: '@actions/' },
    },
    {
      name: 'sdk-only-where-aws-is-called',
      comment: 'The AWS SDK is heavy, and calls AWS: only what reads AWS, or writes to it, knows it.',
      severity: 'error',
      from: { pathNot: '^src/(sources|sinks)/aws/' },
      to: { path: '@(aws-sdk|smithy)/' },
    },
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one: merge them, or move what they share.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports this file: remove it, or let the generated index find it.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^src/generated/'] },
      to: {},
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What runs is a dependency, not a development tool.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/hosts/action\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
