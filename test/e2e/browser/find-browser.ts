/** Where the browser of this machine is. Starts nothing. */
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Null where there is none. */
export function findBrowser(): string | null {
  return places.find((path) => existsSync(path)) ?? null;
}
