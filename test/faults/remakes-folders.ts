/** Loaded into a daemon with `--import`, as a control: it makes an output folder anew that somebody took away. */
import { mkdirSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { stat } = promises;

const stubborn = async (...[path, ...options]: Parameters<typeof stat>) => {
  if (/\/out$/.test(String(path))) mkdirSync(String(path), { recursive: true });
  return stat(path, ...options);
};
Object.assign(promises, { stat: stubborn });
syncBuiltinESMExports();
