/** An event that cannot be evaluated as it is: invoking the function again would not help. */
export class BadEvent extends Error {
  override readonly name = 'BadEvent'

  constructor(
    /** Path of the member that is wrong: `ruleParameters.minRetentionDays`. */
    readonly field: string,
    /** What is wrong with it, and what to write instead. Quotes nothing at length. */
    message: string,
  ) {
    super(message)
  }
}
