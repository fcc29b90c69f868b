/** The step before `npm start`: builds the page when it is missing or old. A daemon without a page is still a daemon. */
import { ensureBuilt } from './build.ts';

try {
  const startedMs = performance.now();
  if (await ensureBuilt()) {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.error(`The dashboard was built in ${seconds} s.`);
  }
} catch (thrown) {
  const why = thrown instanceof Error ? thrown.message.split('\n', 1)[0] : String(thrown);
  console.error(`The dashboard could not be built (${why}); the daemon starts without it.`);
}
