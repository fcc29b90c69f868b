import { readFile } from 'node:fs/promises';
import { it } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { Client } from '../medium/ws/client.ts';
import { createFolder, makePhotos, registerPhotos } from './support.ts';
const rss = async (pid: number) => Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
it.each([0.1, 1000])('x %s', async (mb) => {
  const daemon = await spawnDaemon({ settings: { limits: { ws_buffer_mb: mb } } });
  const ids = await registerPhotos(daemon.client, await makePhotos(await createFolder(), 1));
  const batches: string[] = [];
  for (let count = 0; count < 16; count += 1) batches.push((await daemon.client.batches.start({ photo_ids: ids, start_at: '2099-01-01T00:00:00Z' })).batch_id);
  const out: number[] = [];
  for (let r = 0; r < 6; r++) {
    out.push(Math.round(await rss(daemon.pid)));
    if (r === 4) { const deaf = await Promise.all(Array.from({ length: 100 }, () => Client.open(daemon.port))); for (const c of deaf) { await c.ask({ type: 'subscribe', channels: ['queue'] }, 'subscription_confirmed'); c.raw.pause(); } }
    await Promise.all(batches.map(async (id) => { for (let i = 0; i < 200; i++) await daemon.client.batches.placeHold(id, { client: 'editor', reason: 'the user is at work; '.repeat(45), lease_s: 3600 }); }));
  }
  out.push(Math.round(await rss(daemon.pid)));
  console.log('NUM', out.join(' '));
}, 120000);
