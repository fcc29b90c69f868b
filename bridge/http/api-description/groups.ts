/** The whole table: every route the daemon has. A new route is described by one entry in one of these groups. */
import { batchControl } from './groups/batch-control.ts';
import { batchReading } from './groups/batch-reading.ts';
import { batchUpkeep } from './groups/batch-upkeep.ts';
import { content } from './groups/content.ts';
import { events } from './groups/events.ts';
import { photos } from './groups/photos.ts';
import { presets } from './groups/presets.ts';
import { settings } from './groups/settings.ts';
import { system } from './groups/system.ts';
import { templates } from './groups/templates.ts';
import type { Group } from './operation.ts';

/** In the order in which a reader meets them. */
export const apiGroups: readonly Group[] = [
  batchControl,
  batchReading,
  batchUpkeep,
  photos,
  presets,
  templates,
  content,
  events,
  settings,
  system,
];

export const apiOperations = apiGroups.flatMap(({ operations }) => operations);
