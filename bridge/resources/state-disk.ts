/** While the data folder cannot be written to, no photo is handed out: its result could not be recorded. */
import type { BatchStore } from '../batch/ports.ts';
import type { Gate } from './gates.ts';

export function createStateDiskGate(store: Pick<BatchStore, 'readOnly' | 'onReadOnlyChange'>): Gate {
  return {
    get hold() {
      const state = store.readOnly();
      if (state === null) return null;
      const remedy = state.code === 'disk_full' ? '; free some space on it' : '';
      return { owner: 'storage', reason: `${state.reason}${remedy}`, since: state.since };
    },
    onChange: (listener) => store.onReadOnlyChange(listener),
  };
}
