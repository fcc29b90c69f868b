/** A temporary folder with a real catalog in it, for tests of the photo catalog. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { type Catalog, openCatalog } from '../../../bridge/photos/catalog.ts';
import { createPathPolicy, type PathRules } from '../../../bridge/photos/path-policy.ts';
import { createRegistration, type Registration } from '../../../bridge/photos/registration.ts';
import { openAppendLog } from '../../../bridge/store/append-log.ts';

/** Enough of a JPEG to be registered; `text` makes it differ. */
export const jpegBytes = (text = '') =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from(`JFIF${text}`)]);

export type TempLibrary = {
  root: string;
  catalog: Catalog;
  registration: Registration;
  rules: PathRules;
  /** Writes a small photo and answers its path. */
  photo(name: string, text?: string): string;
  /** As after a restart of the daemon. */
  reopen(): Promise<void>;
  remove(): Promise<void>;
};

export async function openTempLibrary(): Promise<TempLibrary> {
  const root = realpathSync(mkdtempSync(join(os.tmpdir(), 'pb-photos-')));
  const rules: PathRules = { mode: 'any', sourceFolders: [], outputFolders: [] };
  const open = () =>
    openCatalog({
      openLog: openAppendLog,
      path: join(root, 'catalog.log'),
      wallMs: () => 1_700_000_000_000,
      isMarked: (path) => path.startsWith(join(root, 'library/')),
    });
  const catalog = await open();
  const policy = createPathPolicy(() => rules);
  const library: TempLibrary = {
    root,
    catalog,
    registration: createRegistration(catalog, policy),
    rules,
    photo(name, text = name) {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, jpegBytes(text));
      return path;
    },
    async reopen() {
      await library.catalog.close();
      library.catalog = await open();
      library.registration = createRegistration(library.catalog, policy);
    },
    async remove() {
      await library.catalog.close().catch(() => {});
      rmSync(root, { recursive: true });
    },
  };
  return library;
}
