// Loaded before a measured program: when that ends, tells its largest resident set, in KiB, on descriptor 3.
const { writeSync } = require('node:fs')

process.on('exit', () => {
  writeSync(3, String(process.resourceUsage().maxRSS))
})
