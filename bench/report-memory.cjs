// Loaded before a measured program: when that ends, tells its largest resident set, in KiB, on descriptor 3.
const { writeSync } = require('node:fs')

process.on('exit', () => {
  // A thread has the memory of its process, which tells it.
  if (!require('node:worker_threads').isMainThread) return
  writeSync(3, String(process.resourceUsage().maxRSS))
})
