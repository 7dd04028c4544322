import type { HostProcess } from '../commands/command.ts'

/** Numbers of the signals that ask a process to end. */
const signals = { SIGINT: 2, SIGTERM: 15 } as const

/** This process. */
export const hostProcess: HostProcess = {
  id: process.pid,
  isRunning(id) {
    try {
      return process.kill(id, 0)
    } catch (error) {
      // It runs, and is somebody else's.
      return (error as NodeJS.ErrnoException).code === 'EPERM'
    }
  },
  onInterrupt(listener) {
    let isAsked = false
    const heard = (signal: string) => {
      const number = signals[signal as keyof typeof signals]
      if (isAsked) process.exit(128 + number)
      isAsked = true
      listener(number)
    }
    for (const signal of Object.keys(signals)) process.on(signal, heard)
    return () => {
      for (const signal of Object.keys(signals)) process.off(signal, heard)
    }
  },
}
