/** Ending a run before its end: what is under way is given up, and nothing is asked any more. */

/** Thrown in place of an answer that nobody waits for any more. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Whether a run is to end. */
export class Stop {
  private readonly waiting = new Set<(error: Error) => void>()
  private asked = false

  /** Whether the run is to end. */
  get isAsked(): boolean {
    return this.asked
  }

  /** Ends the run. */
  ask(): void {
    this.asked = true
    for (const giveUp of this.waiting) giveUp(new Interrupted())
    this.waiting.clear()
  }

  /** What a call answers. Rejects with {@link Interrupted} as soon as the run is to end. */
  async unless<T>(call: () => Promise<T>): Promise<T> {
    if (this.asked) throw new Interrupted()
    let giveUp: (error: Error) => void = () => {}
    try {
      return await new Promise<T>((resolve, reject) => {
        giveUp = reject
        this.waiting.add(giveUp)
        call().then(resolve, reject)
      })
    } finally {
      this.waiting.delete(giveUp)
    }
  }
}
