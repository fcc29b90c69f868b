/** `serve`: hands the flags to the process that runs the daemon. */
import type { Action } from '../context.ts';
import type { ServeFlags } from '../host.ts';

type Flags = { port?: number; host?: string; dataDir?: string; config?: string; logLevel?: string };

export const serve: Action<Flags> = async (context, _args, flags) =>
  await context.host.serve(toServeFlags(flags), { json: context.json });

export function toServeFlags(flags: Flags): ServeFlags {
  return {
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.dataDir !== undefined && { dataDir: flags.dataDir }),
    ...(flags.config !== undefined && { config: flags.config }),
    ...(flags.logLevel !== undefined && { logLevel: flags.logLevel }),
  };
}
