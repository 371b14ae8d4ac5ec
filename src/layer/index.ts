/**
 * A layer is a recipe, not bytes: an ordered list of tar headers, file references and inline bytes. Bytes exist only
 * while a socket, a file or a hash takes them. Also here: reading the tar streams of base layers.
 */
export type { Entry, EntryType, FileSource } from './entry.ts'
export { entryTypeOf, fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts'
export { headerBytes, paddingOf } from './header.ts'
export { endSize as tarEndSize, makeRecipe, recipeKey, type Recipe } from './recipe.ts'
export { formatRecipe, parseRecipe } from './recipe-text.ts'
export { checkSources } from './check-sources.ts'
export { openRecipe, type OpenOptions } from './open-recipe.ts'
export { openSource } from './source-file.ts'
export { hashRecipe, type HashOptions, type LayerDigest } from './hash-recipe.ts'
export { hashedRecipe, type HashedRecipe } from './hashed-recipe.ts'
export { createHashPool, type HashPool, type HashPoolOptions } from './hash-pool.ts'
export { readTar, type TarEntry, type TarOptions } from './read-tar.ts'
export { indexTarFile, type TarPlace } from './tar-index.ts'
export { decompress, type Compression, type DecompressOptions } from './decompress.ts'
export { codecOf, formatCodec, noCodec, parseCodec, type Codec } from './codec.ts'
export { codecIdentity, newCompressor, type Compressor, type CompressorOptions } from './compress.ts'
