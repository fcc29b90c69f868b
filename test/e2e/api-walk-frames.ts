/** Talks to the daemon's WebSocket and keeps every frame that comes. */

type SomeFrame = { type: string };

/** All frames up to the answer to nonsense, which comes last. */
export async function listen(
  url: string,
  talk: (send: (frame: object) => void) => Promise<void>,
): Promise<SomeFrame[]> {
  const socket = new WebSocket(url);
  const frames: SomeFrame[] = [];
  const done = Promise.withResolvers<void>();
  socket.addEventListener('error', () => done.reject(new Error('the WebSocket failed')));
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data)) as SomeFrame;
    frames.push(frame);
    const types = new Set(frames.map(({ type }) => type));
    if (types.has('error') && types.has('batch_paused')) done.resolve();
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  await talk((frame) => socket.send(JSON.stringify(frame)));
  await done.promise;
  socket.close();
  return frames;
}
