import type { BestPractice } from '../model/rule.ts'

/** AWS's page on question REL09, "How do you back up data?". */
export const questionUrl = 'https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html'

/** The best practices of REL09 in AWS's order and words (Reliability Pillar, "Back up data"). */
export const bestPractices: readonly { id: BestPractice; title: string }[] = [
  {
    id: 'REL09-BP01',
    title: 'Identify and back up all data that needs to be backed up, or reproduce the data from sources',
  },
  { id: 'REL09-BP02', title: 'Secure and encrypt backups' },
  { id: 'REL09-BP03', title: 'Perform data backup automatically' },
  { id: 'REL09-BP04', title: 'Perform periodic recovery of the data to verify backup integrity and processes' },
]
