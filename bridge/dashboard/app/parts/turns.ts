/** Lets only a few downloads of a kind run at a time, so that a click of the user never waits behind pictures. */

export type Turns = {
  /** Resolves with how to give the turn back; rejects when `signal` aborts before. */
  take(signal: AbortSignal): Promise<() => void>;
};

export function createTurns(most: number): Turns {
  let taken = 0;
  const waiting: (() => void)[] = [];

  function giveBack(): void {
    taken -= 1;
    waiting.shift()?.();
  }

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          const place = waiting.indexOf(start);
          if (place !== -1) waiting.splice(place, 1);
          reject(signal.reason);
        };
        const start = () => {
          signal.removeEventListener('abort', stop);
          taken += 1;
          let isBack = false;
          resolve(() => {
            if (isBack) return;
            isBack = true;
            giveBack();
          });
        };
        if (signal.aborted) reject(signal.reason);
        else if (taken < most) start();
        else {
          waiting.push(start);
          signal.addEventListener('abort', stop, { once: true });
        }
      }),
  };
}
