/** The route model, in the words of xDS: made by `translate`, served by `proxy`, printed by `admin`. Types only, pure. */
export type * from './cluster.ts'
export type * from './listener.ts'
export type * from './route.ts'
export type * from './secret.ts'
export type * from './snapshot.ts'
