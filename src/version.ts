/** Version of rel09, as package.json states it; esbuild fills it in. */
declare const REL09_VERSION: string | undefined

/** Version of rel09; `0.0.0` where the code runs unbundled. */
export const version: string = typeof REL09_VERSION === 'string' ? REL09_VERSION : '0.0.0'
