/** The presets of the daemon, read again when one of them changes. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { PresetSummary } from '../../../client/index.ts';
import { client, live } from './bridge.ts';
import { toSentence } from './messages.ts';
import { useSelected } from './store.ts';

export type PresetsState = { presets: readonly PresetSummary[]; problem: string | null; isLoaded: boolean };

export function usePresets(): PresetsState {
  const version = useSelected(live.store, (state) => state.presetsVersion);
  const [state, setState] = useState<PresetsState>({ presets: [], problem: null, isLoaded: false });
  useEffect(() => {
    const leaving = new AbortController();
    client.presets
      .list({ signal: leaving.signal })
      .then(({ presets }) => setState({ presets, problem: null, isLoaded: true }))
      .catch((thrown: unknown) => {
        if (!leaving.signal.aborted) setState((now) => ({ ...now, problem: toSentence(thrown) }));
      });
    return () => leaving.abort();
  }, [version]);
  return state;
}
