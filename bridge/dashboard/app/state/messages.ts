/** Short sentences to the user: what an action did, or why it was refused. */
import { BridgeProblem } from '../../../client/index.ts';
import { createStore } from './store.ts';

export type Message = { id: number; kind: 'done' | 'problem'; text: string };

const SHOWN_MS = 8000;
const MOST = 3;

export function createMessages() {
  const store = createStore<{ list: readonly Message[] }>({ list: [] });
  let lastId = 0;

  function dismiss(id: number): void {
    store.set({ list: store.get().list.filter((message) => message.id !== id) });
  }

  function say(kind: Message['kind'], text: string): void {
    lastId += 1;
    const id = lastId;
    store.set({ list: [...store.get().list, { id, kind, text }].slice(-MOST) });
    // A refusal stays until it is read.
    if (kind === 'done') setTimeout(() => dismiss(id), SHOWN_MS);
  }

  return {
    store,
    dismiss,
    say,
    /** Runs an action of the user and says how it went; answers whether it went well. */
    async report(act: () => Promise<{ message?: string }>, done?: string): Promise<boolean> {
      try {
        const { message } = await act();
        say('done', done ?? message ?? 'Done');
        return true;
      } catch (thrown) {
        say('problem', toSentence(thrown));
        return false;
      }
    },
  };
}

export function toSentence(thrown: unknown): string {
  if (thrown instanceof BridgeProblem && thrown.status === 0) return 'The daemon does not answer.';
  return thrown instanceof Error ? thrown.message : String(thrown);
}
