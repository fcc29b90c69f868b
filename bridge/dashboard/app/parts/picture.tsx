/** A picture the daemon makes: a thumbnail, or a preview with a look. Drawn on a canvas, so the policy needs no `blob:`. */
import { useEffect, useRef, useState } from 'hono/jsx/dom';
import type { PreviewRequest } from '../../../client/index.ts';
import { client } from '../state/bridge.ts';
import { createTurns, type Turns } from './turns.ts';

/** Browsers open six connections to one host; the rest is for what the user does. */
const thumbnailTurns = createTurns(3);
export const galleryTurns = createTurns(1);

export type PictureSource = {
  photoId: number;
  /** Absent: a thumbnail of `size`. */
  preview?: PreviewRequest;
  size?: number;
};

type Props = {
  source: PictureSource;
  /** What a screen reader says; empty for a picture beside its name. */
  label: string;
  class?: string;
  /** Milliseconds the source must stay the same before it is asked for. */
  settleMs?: number;
  turns?: Turns;
  onDrawn?: (width: number, height: number) => void;
};

type Drawing = 'waiting' | 'drawn' | 'failed';

export function Picture(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawing, setDrawing] = useState<Drawing>('waiting');
  const key = JSON.stringify(props.source);
  useEffect(() => {
    const leaving = new AbortController();
    draw(props, canvas, leaving.signal)
      .then(() => setDrawing('drawn'))
      .catch(() => {
        if (!leaving.signal.aborted) setDrawing('failed');
      });
    return () => leaving.abort();
  }, [key]);
  const name = drawing === 'failed' ? `${props.label} (no picture)` : props.label;
  const naming =
    props.label === '' ? { 'aria-hidden': 'true' as const } : { role: 'img', 'aria-label': name };
  return <canvas ref={canvas} class={`picture ${drawing} ${props.class ?? ''}`} {...naming} />;
}

async function draw(props: Props, canvas: { current: HTMLCanvasElement | null }, signal: AbortSignal) {
  await settle(props.settleMs ?? 0, signal);
  const giveBack = await (props.turns ?? thumbnailTurns).take(signal);
  try {
    const bytes = await load(props.source, signal);
    const bitmap = await createImageBitmap(
      new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }),
    );
    const target = canvas.current;
    if (target === null || signal.aborted) return;
    target.width = bitmap.width;
    target.height = bitmap.height;
    target.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    props.onDrawn?.(target.width, target.height);
  } finally {
    giveBack();
  }
}

function load({ photoId, preview, size }: PictureSource, signal: AbortSignal): Promise<Uint8Array> {
  return preview === undefined
    ? client.photos.thumbnail(photoId, size, { signal })
    : client.photos.preview(photoId, preview, { signal });
}

function settle(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => (signal.aborted ? reject(signal.reason) : resolve()), ms);
  });
}
