/** Texts that deployment makes or completes: they can be put together, not taken apart or compared. */
import { hasPlaceholder } from '../../model/placeholder.ts'
import { hasReference } from '../terraform/resource.ts'

/** True where some of a text is told by deployment only. */
export function isMade(text: string): boolean {
  return hasReference(text) || hasPlaceholder(text)
}
