/**
 * How many calls run at a time: few at first, more while AWS answers at once, half as many when it throttles (additive increase,
 * multiplicative decrease). The SDK retries with jitter beneath.
 */
export class Gate {
  private limit: number
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor(
    start: number,
    private readonly most: number,
  ) {
    this.limit = start
  }

  /** Calls that may run at once now. */
  get width(): number {
    return Math.floor(this.limit)
  }

  /** Runs a call when its turn comes. `attempts` tells how often the SDK had to ask for what was answered. */
  async run<T>(call: () => Promise<T>, attempts: (answer: T) => number): Promise<T> {
    if (this.running < this.width) this.running++
    else await new Promise<void>(resolve => this.waiting.push(resolve))
    try {
      const answer = await call()
      if (attempts(answer) > 1) this.narrow()
      else this.limit = Math.min(this.most, this.limit + 1 / this.limit)
      return answer
    } catch (error) {
      this.narrow()
      throw error
    } finally {
      this.running--
      this.admit()
    }
  }

  /** Whose turn it is takes over the place that is counted here. */
  private admit(): void {
    while (this.running < this.width && this.waiting.length > 0) {
      this.running++
      this.waiting.shift()!()
    }
  }

  private narrow(): void {
    this.limit = Math.max(1, this.limit / 2)
  }
}
