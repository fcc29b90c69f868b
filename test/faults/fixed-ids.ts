/** Loaded into a traced daemon with `--import`: random names become the same in every run, so that a fault can be aimed at a file by its path. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

let drawn = 0;

const inOrder = (size: number): Buffer => {
  drawn += 1;
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(drawn, size - 4, 4);
  return bytes;
};

crypto.randomBytes = inOrder as typeof crypto.randomBytes;
syncBuiltinESMExports();
