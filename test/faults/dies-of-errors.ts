/** A break for controls, loaded into a daemon with `--import`: an error of a sync ends it. */
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const open = promises.open;

promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  const datasync = handle.datasync.bind(handle);
  handle.datasync = () => datasync().catch(() => process.exit(70));
  return handle;
};
syncBuiltinESMExports();
