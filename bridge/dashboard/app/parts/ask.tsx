/** A question in a dialog. Escape is no. */

import type { Child } from 'hono/jsx';
import { useEffect, useRef } from 'hono/jsx/dom';

type Props = {
  title: string;
  text: string;
  yes: string;
  no?: string;
  onYes: () => void;
  onClose: () => void;
  children?: Child;
};

export function Ask({ title, text, yes, no = 'Cancel', onYes, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="ask" aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
      <div class="actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          {no}
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            dialog.current?.close();
            onYes();
          }}
        >
          {yes}
        </button>
      </div>
    </dialog>
  );
}
