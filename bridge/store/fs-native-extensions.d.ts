/** The part of `fs-native-extensions` (no types of its own) that `lock.ts` uses. */
declare module 'fs-native-extensions' {
  /** Exclusive lock of the whole file, held by the open file description. False when another holds it. */
  export function tryLock(fd: number): boolean;
}
