// The product's version: package.json, put in when the product is built.
import manifest from '../../package.json' with { type: 'json' }

export const version: string = manifest.version
