/**
 * Compiles what lies in `assembly/` to the modules of the look kernel and of the spatial steps (`npm run build:kernel`). The same compiler
 * always gives the same bytes; a test holds the committed files against their sources.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from 'assemblyscript/asc';

const FOLDER = import.meta.dirname;

/** `--noAssert`, no runtime and no start code: a module is loops over the memory it exports. */
const FLAGS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'relaxed-simd'];

const MODULES = {
  kernel: { source: 'assembly/kernel.ts', module: 'kernel.wasm', pages: 15 },
  spatial: { source: 'assembly/spatial.ts', module: '../spatial/spatial.wasm', pages: 1 },
} as const;
export type ModuleName = keyof typeof MODULES;

/** Writes the module to the absolute path `to`. Throws with the compiler's words when the source does not compile. */
export async function buildModule(name: ModuleName, to: string): Promise<void> {
  const { source, pages } = MODULES[name];
  const { error, stderr } = await main([
    source,
    '--baseDir',
    FOLDER,
    '--outFile',
    to,
    ...FLAGS,
    '--initialMemory',
    String(pages),
  ]);
  if (error !== null) throw new Error(`${source} does not compile: ${stderr.toString()}`, { cause: error });
}

/** Where the committed module lies. */
export function modulePath(name: ModuleName): string {
  return join(FOLDER, MODULES[name].module);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const name of ['kernel', 'spatial'] as const) await buildModule(name, modulePath(name));
}
