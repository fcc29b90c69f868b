/** Words for the shapes that batches have on the wire. The names are those of generated types: they never change. */
import {
  batchStatusObjectSchema,
  batchStatusSchema,
  changeAnswerSchema,
  developConfigSchema,
  failureCodeSchema,
  failureSchema,
  holdSchema,
  itemResultSchema,
  itemStatusSchema,
  operationNameSchema,
  outputConfigSchema,
  outputSchema,
  planItemSchema,
  runWindowSchema,
  startRequestSchema,
} from '../../../contract/index.ts';
import { type Described, describe } from '../operation.ts';

const statusFields = {
  session_id: 'The caller’s own number for a session, given back as it was.',
  processed_count: 'Photos that are done, skipped ones included.',
  progress_percent:
    'Settled (processed + failed) of all, with one decimal; exactly 100 only when every photo is settled.',
  started_at: 'Null: never ran yet.',
  completed_at: 'When it came to its end, of whatever kind: cancelled and failed too.',
  priority: '1 goes last, 10 first.',
  in_flight_count: 'Photos being worked on; after a pause those that still finish.',
  skipped_count: 'Of the processed ones, those whose output was there already (policy `skip`).',
  holds: 'Why a running batch hands out no work. Empty: nothing holds it.',
  backoff: 'How far it gives way to other programs; null when it does not.',
  eta_seconds: 'Null: not known (yet).',
  photos_per_minute: 'Null: not known (yet).',
  failure_codes: 'Failure code → how many photos.',
  warnings_count: 'Of all photos together.',
  warnings: 'Of the batch itself, like what its preset cannot honour.',
  error: 'Why the batch itself failed.',
  recovered: 'It was running when the daemon last stopped, and is back.',
  seq: 'Grows with every change: what `since` of the status waits for.',
} as const;

export const batchComponents: Readonly<Record<string, Described>> = {
  BatchState: describe(batchStatusSchema, {
    about:
      '`pending`: has never started (it waits for a time or another batch) · `running` · `paused` · `completed`: every photo is settled, `failed_count` says how many failed · `failed`: no photo succeeded, or the batch itself could not go on · `cancelled`.',
  }),
  ItemState: describe(itemStatusSchema, {
    about: '`skipped`: the output was there already; counts as processed.',
  }),
  OperationName: describe(operationNameSchema, { about: 'What a batch does to its items.' }),
  FailureCode: describe(failureCodeSchema, { about: 'Why an item failed: a closed list.' }),
  Failure: describe(failureSchema, {
    about: 'Why one item failed.',
    fields: {
      stage: 'Where in its way it ended.',
      retryable: 'The same again may succeed; `retry-failed` takes all.',
    },
  }),
  Output: describe(outputSchema, {
    about: 'A finished file.',
    fields: { bytes: 'Size of the file.', sha256: 'Of the file, in lowercase hex.' },
  }),
  Hold: describe(holdSchema, {
    about: 'A reason why a running batch hands out no work. It is no state: the batch goes on by itself.',
    fields: {
      owner: 'Who holds it: a part of the daemon, or `client:` and the name of a program.',
      until: 'When it ends by itself, where that is known.',
    },
  }),
  RunWindow: describe(runWindowSchema, {
    about: 'Daily hours in which the batch may run. An end before its start passes midnight.',
    fields: {
      from: '`HH:MM`.',
      to: '`HH:MM`.',
      time_zone: 'IANA name, like `Europe/Berlin`; absent: that of the machine.',
    },
  }),
  BatchStatus: describe(batchStatusObjectSchema, {
    about:
      'One batch as it is now. `processed_count + failed_count + in_flight_count + pending_count = total_photos`, always.',
    fields: statusFields,
  }),
  BatchChange: describe(changeAnswerSchema, {
    about: 'What was done, and the batch as it is now.',
    fields: statusFields,
  }),
  ItemResult: describe(itemResultSchema, {
    about: 'What became of one photo.',
    fields: {
      ref: 'The caller’s own id, as the start gave it.',
      path: 'Null: the id is not known.',
      attempts: 'How often it was tried, this time included.',
      engine: 'What developed a raw photo.',
      details: 'What the operation says of it beside its status.',
    },
  }),
  PlanItem: describe(planItemSchema, {
    about: 'What a start would do with one photo.',
    fields: {
      photo_id: 'Null: the file has no id yet; a start would give it one.',
      action:
        '`compare`: the output is there already and is replaced only if the new one would differ (policy `if-changed`).',
    },
  }),
  OutputConfig: describe(outputConfigSchema, {
    about: 'Where results go and in which form.',
    fields: {
      folder: 'Absolute. Absent: `outputs/<batch_id>` in the data folder.',
      name: 'Template without extension: `{name} {ext} {id} {seq} {date} {time} {preset} {blend} {batch} {folder} {suffix}`.',
      effort: 'Of the encoder: 0 is the fastest. Absent: its own fast default.',
      long_edge: 'Pixels.',
      megapixels: 'The most the picture may have.',
      enlarge: 'Whether a smaller photo is made larger.',
      metadata: '`copyright` keeps only who made it and what it is called.',
      on_conflict: 'When the file is there already. `unique` adds a number.',
    },
  }),
  DevelopConfig: describe(developConfigSchema, {
    about: 'The `config` of a `develop` batch. Unknown keys are refused by name.',
    fields: {
      preset: 'The name of a preset, or one written out. Absent: the photo as it is, in another form.',
      blend: 'Percent of the look mixed into the photo: 0 leaves it as it is, 100 is the whole look.',
    },
  }),
  StartBatchBody: describe(startRequestSchema, {
    about: 'Exactly one of `photo_ids`, `photos` and `select` for photos.',
    fields: {
      photo_ids: 'Ids of registered photos. One that is named twice counts once; the order is kept.',
      photos: 'Files by absolute path, registered on the way. `ref` comes back in the results.',
      select: 'All photos of a folder, or those that match the glob.',
      items: 'The items themselves, for operations that are not about photos.',
      file: 'Absolute path of a file with the items, for operations that are not about photos.',
      session_id: 'The caller’s own number for a session.',
      config: 'What to do: for `develop` a `DevelopConfig`.',
      priority: '1 goes last, 10 first.',
      start_at: 'Stays `pending` until then.',
      depends_on: 'Stays `pending` until these have ended.',
      on_unknown:
        '`fail` refuses the start when a photo is not known; `fail_item` lets only that photo fail.',
      run_window: 'Daily hours in which it may run.',
      template: 'A saved template: what this body says goes before what that says, key by key.',
    },
    forms: { config: ['DevelopConfig'] },
  }),
};
