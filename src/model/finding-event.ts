/** What Amazon EventBridge is told of a finding. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
export interface FindingEvent {
  Source: string
  DetailType: string
  /** JSON text. */
  Detail: string
  /** ISO 8601 UTC. */
  Time: string
  /** ARNs that the event is about. */
  Resources: string[]
}
