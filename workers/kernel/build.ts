/**
 * Compiles `assembly/kernel.ts` to `kernel.wasm` (`npm run build:kernel`). The same compiler always gives the same bytes; a test
 * holds the committed file against its source.
 */
import { pathToFileURL } from 'node:url';
import { main } from 'assemblyscript/asc';

const FOLDER = import.meta.dirname;

/** `--noAssert`, no runtime and no start code: the module is loops over the memory it exports. */
const FLAGS = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'relaxed-simd', '--initialMemory', '15'],
];

/** Writes the module to the absolute path `to`. Throws with the compiler's words when the source does not compile. */
export async function buildKernel(to: string): Promise<void> {
  const { error, stderr } = await main([
    'assembly/kernel.ts',
    '--baseDir',
    FOLDER,
    '--outFile',
    to,
    ...FLAGS,
  ]);
  if (error !== null) throw new Error(`the kernel does not compile: ${stderr.toString()}`, { cause: error });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildKernel(`${FOLDER}/kernel.wasm`);
