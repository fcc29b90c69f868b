/** Words for photos, presets, the machine's readings, events and frames. The names are those of generated types. */
import {
  clientFrameSchema,
  eventSchema,
  nativePresetSchema,
  photoSchema,
  presetDetailSchema,
  presetSummarySchema,
  problemSchema,
  resourcesSchema,
  serverFrameSchema,
  settingEntrySchema,
  settingProblemSchema,
  templateSchema,
  templateStartSchema,
  templateSummarySchema,
} from '../../../contract/index.ts';
import { type Described, describe } from '../operation.ts';

const presetFields = {
  group: 'The folder of presets that its file says it belongs to.',
  path: 'Null: built in.',
  problem: 'Why its file cannot be used now. The last good version, if any, stays in use.',
} as const;

export const libraryComponents: Readonly<Record<string, Described>> = {
  Problem: describe(problemSchema, {
    about:
      'Every refusal (RFC 9457). `error` repeats `detail` for programs that read only that. Some codes add members of their own.',
    fields: {
      detail: 'What is wrong, in a sentence that names the field, the value and the remedy.',
      error: 'The same sentence.',
      code: 'What to branch on: it never changes.',
      instance: 'The path of the request.',
    },
  }),
  Photo: describe(photoSchema, {
    about: 'A registered file.',
    fields: {
      photo_id: 'Counted from 1 in the order of registration, never used again.',
      missing: 'The file is not there just now.',
    },
  }),
  NativePreset: describe(nativePresetSchema, {
    about: 'A preset in the native form, with Lightroom’s words and ranges. What is absent is neutral.',
    fields: {
      exposure: 'Stops.',
      temperature: 'Of a rendered photo: -100 blue to 100 yellow.',
      tint: '-100 green to 100 magenta.',
      white_balance: 'By the light the photo was shot in: 5500 K and +10 change nothing.',
      monochrome: 'Present, even empty: black and white; the values are the mix of each colour.',
      profile: 'A table for colours, as camera profiles have one.',
      hue_table: 'A table of hue, saturation and value.',
    },
  }),
  PresetSummary: describe(presetSummarySchema, { about: 'A preset in the list.', fields: presetFields }),
  Preset: describe(presetDetailSchema, {
    about: 'A preset with all that is known of it.',
    fields: {
      ...presetFields,
      hash: 'The identity of what it holds.',
      settings: 'What it sets, in the native form where it has one.',
      not_honoured: 'What its file asks for that is not done here.',
      notes: 'What of its file was understood in another way than it stands there.',
    },
  }),
  Resources: describe(resourcesSchema, {
    about: 'The machine as it was last read, and what follows from it.',
    fields: {
      limit: 'Photos that may be worked on at once now.',
      capacity: 'The most that could be.',
      reason: 'Why `limit` is below `capacity`; null when it is not.',
      cpu: 'Percent of all cores we may use: our own and other programs’.',
      pressure: 'Percent of the last ten seconds in which tasks waited; null where the system does not tell.',
      battery: 'Null: there is none.',
      history: 'Oldest first, at most ten minutes.',
    },
  }),
  TemplateStart: describe(templateStartSchema, {
    about: 'Any part of a start body but what it is done to.',
    forms: { config: ['DevelopConfig'] },
  }),
  TemplateSummary: describe(templateSummarySchema, {
    about: 'A template in the list.',
    fields: {
      operation: 'Null: the one of the start, or the default.',
      saved_at: 'Null: a file made by hand.',
    },
  }),
  Template: describe(templateSchema, {
    about: 'A named part of a start body.',
    fields: { start: 'What a start that names it need not say.' },
  }),
  SettingEntry: describe(settingEntrySchema, {
    about: 'One setting, with where its value comes from.',
    fields: {
      value: 'What the daemon runs with; null: not set. Of a secret only that it is set.',
      source: 'The flag, variable or file that says so; null for a default.',
      needs_restart: 'A change counts from the next start on.',
      guarded: 'Decides who gets in or what they may reach: no web page may change it.',
      next_value: 'What the next start brings, where that is another one.',
    },
  }),
  SettingProblem: describe(settingProblemSchema, {
    about: 'What is wrong with a setting, and what to do.',
    fields: { suggestion: 'The known setting that was probably meant.' },
  }),
  Event: describe(eventSchema, {
    about:
      'What happened, numbered by `seq`. `batch_…` events carry the whole status; `photos_settled` gathers the photos that settled since the last one.',
  }),
  ClientFrame: describe(clientFrameSchema, { about: 'What a program may send over `/ws`, as JSON text.' }),
  ServerFrame: describe(serverFrameSchema, {
    about: 'What comes over `/ws` beside events, as JSON text. Each has its `type`.',
  }),
};
