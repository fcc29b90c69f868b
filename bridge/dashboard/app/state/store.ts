/** One value that parts of the page watch. Changes of one frame are told together. */
import { useEffect, useRef, useState } from 'hono/jsx/dom';

export type Store<T> = {
  get(): T;
  set(change: Partial<T>): void;
  /** Called at most once a frame; answers how to stop. */
  subscribe(listener: () => void): () => void;
};

export function createStore<T extends object>(initial: T): Store<T> {
  const listeners = new Set<() => void>();
  let value = initial;
  let isTelling = false;
  const tell = () => {
    isTelling = false;
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => value,
    set(change) {
      value = { ...value, ...change };
      if (isTelling) return;
      isTelling = true;
      requestAnimationFrame(tell);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Draws the component again only when what it selects is another value. */
export function useSelected<T extends object, R>(store: Store<T>, select: (value: T) => R): R {
  const [, redraw] = useState(0);
  const selected = select(store.get());
  const drawn = useRef({ select, selected });
  drawn.current = { select, selected };
  useEffect(() => {
    const check = () => {
      const now = drawn.current;
      if (now !== null && !Object.is(now.select(store.get()), now.selected)) redraw((count) => count + 1);
    };
    // Between the drawing and this effect something may have changed.
    check();
    return store.subscribe(check);
  }, [store]);
  return selected;
}
