/** Which look each batch started from this browser has: the daemon's answers do not tell. */
export type BatchLook = { preset: string | null; blend: number };

const KEY = 'photo-bridge-looks';
const KEPT = 200;

export function saveLook(batchId: string, look: BatchLook): void {
  const others = readAll().filter(([id]) => id !== batchId);
  localStorage.setItem(KEY, JSON.stringify([[batchId, look], ...others].slice(0, KEPT)));
}

export function loadLook(batchId: string): BatchLook | null {
  return readAll().find(([id]) => id === batchId)?.[1] ?? null;
}

function readAll(): [string, BatchLook][] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
