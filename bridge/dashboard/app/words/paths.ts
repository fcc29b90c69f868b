/** Names out of paths, of any system. Pure. */

export function toFileName(path: string | null): string {
  return path === null ? 'unknown file' : (path.split(/[/\\]/).at(-1) ?? path);
}
