/** Objects by key, as a folder or a bucket of Amazon S3 keeps them: what an organisation's run reads and writes. */

/** Reads objects. */
export interface ObjectReader {
  /** The bytes of an object; `undefined` where there is none. Rejects with {@link StoreFault}. */
  read(key: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Keys that begin with a prefix, in the order of their code units. Throws {@link StoreFault}. */
  list(prefix: string): AsyncIterable<string>
}

/** How an object is written. */
export interface PutOptions {
  /** Never over one that is there: the first of several writers wins. */
  onlyIfAbsent?: boolean
}

/** Writes objects, whole or not at all. */
export interface ObjectWriter {
  /** Resolves to `false` where `onlyIfAbsent` kept it from being written. Rejects with {@link StoreFault}. */
  put(
    key: string,
    chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
    options?: PutOptions,
  ): Promise<boolean>
}

/** Reads and writes objects. */
export interface ObjectStore extends ObjectReader, ObjectWriter {
  /** What people call it: the folder as it was named, or `s3://bucket/prefix`. */
  readonly name: string
}

/** A store refused, or what lies in it is none of ours. The message is one sentence for the user. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** Longest key that Amazon S3 takes, in bytes; longest part, which is a file's name in a folder. */
const mostKey = 1024
const mostPart = 255

/**
 * Whether a text may be a key: parts between slashes, of characters that Amazon S3 calls safe and every file system takes. No part
 * begins with a dot, so that none leads out of a folder, and none is one of the files that a write under way makes.
 */
export function isObjectKey(text: string): boolean {
  return (
    text.length <= mostKey &&
    text.split('/').every(part => part.length <= mostPart && /^[A-Za-z0-9_=-][A-Za-z0-9_.=-]*$/.test(part))
  )
}

/** The key, where it is one. Throws {@link StoreFault}. */
export function checkedKey(key: string): string {
  if (!isObjectKey(key)) throw new StoreFault(`${JSON.stringify(key).slice(0, 100)} is no key of an object`)
  return key
}
