/** Every documented route has a method in the TypeScript and in the Python client: a new route fails here until it has. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type BridgeClient, createClient } from '../../../bridge/client/index.ts';
import { apiOperations } from '../../../bridge/http/api-description/groups.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';

const ID = 'batch_0123456789ab';

type Methods = { typescript(client: BridgeClient): Promise<unknown>; python: string };

const methods: Readonly<Record<string, Methods>> = {
  startBatch: {
    typescript: (c) => c.batches.start({ photo_ids: [1] }),
    python: 'bridge.start([1])',
  },
  pauseBatch: { typescript: (c) => c.batches.pause(ID), python: 'bridge.pause(ID)' },
  resumeBatch: { typescript: (c) => c.batches.resume(ID), python: 'bridge.resume(ID)' },
  cancelBatch: { typescript: (c) => c.batches.cancel(ID), python: 'bridge.cancel(ID)' },
  retryFailed: { typescript: (c) => c.batches.retryFailed(ID), python: 'bridge.retry(ID)' },
  setPriority: { typescript: (c) => c.batches.setPriority(ID, 3), python: 'bridge.priority(ID, 3)' },
  placeHold: {
    typescript: (c) => c.batches.placeHold(ID, { client: 'a', reason: 'b', lease_s: 1 }),
    python: 'bridge.hold(ID, "a", "b", 1)',
  },
  liftHold: {
    typescript: (c) => c.batches.liftHold(ID, { client: 'a' }),
    python: 'bridge.lift_hold(ID, "a")',
  },
  listBatches: { typescript: (c) => c.batches.list(), python: 'list(bridge.list_batches())' },
  getBatch: { typescript: (c) => c.batches.get(ID), python: 'bridge.batch(ID)' },
  getBatchStatus: { typescript: (c) => c.batches.status(ID), python: 'bridge.status(ID)' },
  listBatchPhotos: { typescript: (c) => c.batches.photos(ID), python: 'list(bridge.batch_photos(ID))' },
  getBatchLog: { typescript: (c) => c.batches.log(ID), python: 'bridge.log(ID)' },
  downloadResultsCsv: { typescript: (c) => c.batches.results(ID, 'csv'), python: 'bridge.results_csv(ID)' },
  downloadResultsJson: { typescript: (c) => c.batches.results(ID, 'json'), python: 'bridge.results(ID)' },
  planBatch: { typescript: (c) => c.batches.plan({ photo_ids: [1] }), python: 'bridge.plan([1])' },
  mergeBatches: { typescript: (c) => c.batches.merge([ID, ID]), python: 'bridge.merge([ID, ID])' },
  recoverBatches: { typescript: (c) => c.batches.recover(), python: 'bridge.recover()' },
  cleanUpBatches: { typescript: (c) => c.batches.cleanup(), python: 'bridge.cleanup()' },
  addPhotos: { typescript: (c) => c.photos.add({ paths: ['/a'] }), python: 'bridge.add_photos(["/a"])' },
  listPhotos: { typescript: (c) => c.photos.list(), python: 'list(bridge.list_photos())' },
  getPhoto: { typescript: (c) => c.photos.get(7), python: 'bridge.photo(7)' },
  getThumbnail: { typescript: (c) => c.photos.thumbnail(7), python: 'bridge.thumbnail(7)' },
  previewPhoto: { typescript: (c) => c.photos.preview(7), python: 'bridge.preview(7)' },
  listPresets: { typescript: (c) => c.presets.list(), python: 'bridge.presets()' },
  getPreset: { typescript: (c) => c.presets.get('a'), python: 'bridge.preset("a")' },
  listTemplates: { typescript: (c) => c.templates.list(), python: 'bridge.templates()' },
  getTemplate: { typescript: (c) => c.templates.get('a'), python: 'bridge.template("a")' },
  saveTemplate: {
    typescript: (c) => c.templates.save({ name: 'a', start: {} }),
    python: 'bridge.save_template("a", {})',
  },
  removeTemplate: { typescript: (c) => c.templates.remove('a'), python: 'bridge.remove_template("a")' },
  loadContent: { typescript: (c) => c.content.load([]), python: 'bridge.load_content([])' },
  getContent: { typescript: (c) => c.content.record('a'), python: 'bridge.content("a")' },
  updatePrice: {
    typescript: (c) => c.content.updatePrice({ contentIds: ['a'], newPrice: 1, creator: 'b' }),
    python: 'bridge.update_price(["a"], 1, "b")',
  },
  removeContent: {
    typescript: (c) => c.content.remove({ contentIds: ['a'], creator: 'b' }),
    python: 'bridge.remove_content(["a"], "b")',
  },
  updateMetadata: {
    typescript: (c) => c.content.updateMetadata({ contentIds: ['a'], updates: {}, creator: 'b' }),
    python: 'bridge.update_metadata(["a"], {}, "b")',
  },
  getContentOperation: {
    typescript: (c) => c.content.operation(ID),
    python: 'bridge.content_operation(ID)',
  },
  listContentOperations: {
    typescript: (c) => c.content.ofCreator('a'),
    python: 'bridge.content_operations("a")',
  },
  getMirror: { typescript: (c) => c.content.mirror(), python: 'bridge.mirror()' },
  retryMirror: { typescript: (c) => c.content.retryMirror(), python: 'bridge.retry_mirror()' },
  pollEvents: { typescript: (c) => c.pollEvents(), python: 'bridge.poll_events()' },
  getSettings: { typescript: (c) => c.settings.get(), python: 'bridge.settings()' },
  changeSettings: { typescript: (c) => c.settings.change({}), python: 'bridge.change_settings({})' },
  getHealth: { typescript: (c) => c.health(), python: 'bridge.health()' },
  getReadiness: { typescript: (c) => c.ready(), python: 'bridge.ready()' },
  getVersion: { typescript: (c) => c.version(), python: 'bridge.version()' },
  getResources: { typescript: (c) => c.resources(), python: 'bridge.resources()' },
  getMetrics: { typescript: (c) => c.metrics(), python: 'bridge.metrics()' },
  getDescription: { typescript: (c) => c.openapi(), python: 'bridge.openapi()' },
};
/** Pages for people: a program has no use for them. */
const pages = ['getHome', 'getAsset', 'getDocs'];

const clientFolder = fileURLToPath(new URL('../../../clients/python/', import.meta.url));
const fits = (id: string, route: string | undefined) => {
  const { method, path } = apiOperations.find((one) => one.id === id)!;
  const pattern = path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/?]+');
  return new RegExp(`^${method} ${pattern}(\\?.*)?$`).test(route ?? '');
};

describe('the clients', () => {
  it('have a method for every documented route, and none is here that is gone', () => {
    const ids = apiOperations.map(({ id }) => id);
    expect([...Object.keys(methods), ...pages].sort()).toEqual([...ids].sort());
  });

  it('ask in TypeScript for the route that is meant', async () => {
    const { url, asked } = await startStubDaemon({});
    const client = createClient({ url });
    for (const [id, { typescript }] of Object.entries(methods)) {
      await typescript(client).catch(() => undefined);
      expect([id, fits(id, asked.at(-1)?.route)]).toEqual([id, true]);
    }
    expect(asked).toHaveLength(Object.keys(methods).length);
  });

  it('ask in Python for the route that is meant', async () => {
    const { url, asked } = await startStubDaemon({});
    const calls = Object.values(methods).map(({ python }) => `lambda: ${python}`);
    const script = `
import sys
from photo_bridge import BridgeError, PhotoBridge
bridge, ID = PhotoBridge(sys.argv[1]), "${ID}"
for ask in (${calls.join(', ')}):
    try:
        ask()
    except BridgeError as error:
        assert (error.status, error.code) == (404, "batch_not_found"), error
`;
    const env = { ...process.env, PYTHONPATH: clientFolder };
    const said = await promisify(execFile)('python3', ['-W', 'error', '-B', '-c', script, url], { env });
    expect(said).toEqual({ stdout: '', stderr: '' });
    for (const [index, id] of Object.keys(methods).entries())
      expect([id, fits(id, asked[index]?.route)]).toEqual([id, true]);
  });

  it('need nothing in TypeScript that a browser lacks', () => {
    const folder = fileURLToPath(new URL('../../../bridge/client/', import.meta.url));
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const imports = files.flatMap((name) => {
      const code = readFileSync(join(folder, name), 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
      return [...code.matchAll(/\bfrom '([^']+)'|\bimport\(?'([^']+)'/g)].map(
        ([, from, other]) => from ?? other,
      );
    });
    expect(imports.length).toBeGreaterThan(10);
    expect(imports.filter((from) => !from?.startsWith('./'))).toEqual([]);
    const code = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
    expect(code.match(/\b(process|Buffer|__dirname|setImmediate|require)\b[.(]/g)).toBeNull();
  });

  it('show the token with every request, and nothing of the kind without one', async () => {
    const { url, asked } = await startStubDaemon({});
    await createClient({ url, token: 'secret' })
      .health()
      .catch(() => undefined);
    await createClient({ url })
      .health()
      .catch(() => undefined);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined]);
    const opened: string[] = [];
    class Socket {
      constructor(address: string) {
        opened.push(address);
      }
      send(): void {}
      close(): void {}
      addEventListener(type: string, listener: (event: object) => void): void {
        if (type === 'close') queueMicrotask(() => listener({}));
      }
    }
    const stop = new AbortController();
    const onConnection = () => stop.abort();
    const client = createClient({ url, token: 'a b', WebSocket: Socket });
    for await (const event of client.events({ signal: stop.signal, onConnection })) expect(event).toBeNull();
    expect(opened).toEqual([`${url.replace('http', 'ws')}/ws?token=a%20b`]);
  });
});
