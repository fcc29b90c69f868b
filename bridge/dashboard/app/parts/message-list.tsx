/** The messages of `state/messages.ts`, over the page's lower edge: what they say moves nothing else. */
import { messages } from '../state/bridge.ts';
import { useSelected } from '../state/store.ts';

export function MessageList() {
  const list = useSelected(messages.store, (state) => state.list);
  return (
    <section class="messages" aria-label="Messages" aria-live="polite">
      {list.map(({ id, kind, text }) => (
        <div key={id} class={`message ${kind}`} role={kind === 'problem' ? 'alert' : undefined}>
          <p>{text}</p>
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss this message"
            onClick={() => messages.dismiss(id)}
          >
            ×
          </button>
        </div>
      ))}
    </section>
  );
}
