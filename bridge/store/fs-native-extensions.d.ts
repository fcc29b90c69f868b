/** The part of `fs-native-extensions` (no types of its own) that `lock.ts` uses. */
declare module 'fs-native-extensions' {
  /** Lock of the whole file, exclusive unless `shared`, held by the open file description. False when another holds it. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
}
