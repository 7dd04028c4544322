/** Shortens the properties for a mutation run: one seed, so that a mutant lives or dies alike each time, and little time each. */
import { configureGlobal } from 'fast-check'

configureGlobal({ seed: 9, interruptAfterTimeLimit: 150 })
