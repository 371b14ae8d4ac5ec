/** What is kept on disk: OCI layouts, the log of known layers, caches under XDG. */
export { withLockFile, writeFileAtomically } from '../base/index.ts'
export { openBlobCache, type BlobCache, type BlobCacheOptions, type ContentName } from './blob-cache.ts'
export { cacheFolder } from './cache-folder.ts'
export { openHostNotes, type HostNotes } from './host-notes.ts'
export { memoryLayerLog, openLayerLog, type KnownLayer, type LayerLog } from './layer-log.ts'
export { openLayout, refNameAnnotation, type Layout, type WriteOptions } from './layout.ts'
export { openMemoFiles, type MemoFiles } from './memo-files.ts'
export { openRegistryFolder, type FolderUpload, type RegistryFolder } from './registry-folder.ts'
