/** Whether the daemon has a server for captions, as its settings are now. The token itself is never read. */
import { useEffect, useState } from 'hono/jsx/dom';
import { client, live } from './bridge.ts';
import { toSentence } from './messages.ts';
import { useSelected } from './store.ts';

export type CaptionServer =
  | { state: 'reading' }
  | { state: 'unknown'; problem: string }
  /** `file`: of the settings; null while there is none. */
  | { state: 'known'; url: string | null; hasToken: boolean; file: string | null };

export function useCaptionServer(): CaptionServer {
  const version = useSelected(live.store, (now) => now.settingsVersion);
  const [server, setServer] = useState<CaptionServer>({ state: 'reading' });
  useEffect(() => {
    const leaving = new AbortController();
    client.settings
      .get({ signal: leaving.signal })
      .then(({ entries, file }) => {
        const value = (key: string) => entries.find((entry) => entry.key === key)?.value ?? null;
        const url = value('captions.server_url');
        setServer({
          state: 'known',
          url: typeof url === 'string' ? url : null,
          hasToken: value('captions.token') !== null,
          file,
        });
      })
      .catch((thrown: unknown) => {
        if (!leaving.signal.aborted) setServer({ state: 'unknown', problem: toSentence(thrown) });
      });
    return () => leaving.abort();
  }, [version]);
  return server;
}
