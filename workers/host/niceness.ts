/** Lowers the priority of this whole process. On Linux niceness belongs to a thread, so every thread is set. */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** `level`: 0..19. What the system refuses (going back up without the right to) stays as it is. */
export function setNiceness(level: number): void {
  for (const thread of threadIds()) {
    try {
      setPriority(thread, level);
    } catch {
      // The thread has ended, or the system does not let us.
    }
  }
}

function threadIds(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
