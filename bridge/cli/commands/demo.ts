/** `demo`: see ../demo/. */

import type { Action } from '../context.ts';
import { runDemo } from '../demo/demo.ts';

export const demo: Action<{ keep?: string }> = async (context, [folder], flags) =>
  await runDemo(context, { folder, keep: flags.keep });
