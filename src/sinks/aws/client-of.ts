/** A client of the SDK, made by whoever knows account, Region and credentials. */
export type ClientOf = <Client>(of: new (configuration: never) => Client) => Client
