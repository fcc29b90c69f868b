/** Requests that must be refused: every route, each in every way it can be wrong. Data only. */

/** `BATCH` and `PHOTO` stand for the one of each that there is. `body`: text as sent. */
export type Case = {
  what: string;
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: string | undefined;
  headers?: Record<string, string>;
  status: number;
  code?: string;
  /** In the sentence. */
  says?: string | RegExp;
};

export const json = { 'content-type': 'application/json' };

/** Routes that take a body, each with one that would be accepted. */
const bodies: readonly { path: string; method?: 'POST' | 'DELETE'; good: Record<string, unknown> }[] = [
  { path: '/batch/start', good: { photo_ids: [1] } },
  { path: '/batch/plan', good: { photo_ids: [1] } },
  { path: '/batch/BATCH/pause', good: {} },
  { path: '/batch/BATCH/resume', good: {} },
  { path: '/batch/BATCH/cancel', good: {} },
  { path: '/batch/BATCH/retry-failed', good: {} },
  { path: '/batch/BATCH/priority', good: { priority: 5 } },
  { path: '/batch/BATCH/hold', good: { client: 'a', reason: 'b', lease_s: 1 } },
  { path: '/batch/BATCH/hold', method: 'DELETE', good: { client: 'a' } },
  { path: '/batch/merge', good: { batch_ids: ['batch_000000000001', 'batch_000000000002'] } },
  { path: '/batch/recover', good: {} },
  { path: '/batch/cleanup', good: {} },
  { path: '/photos', good: { paths: ['/nowhere.jpg'] } },
  { path: '/photos/PHOTO/preview', good: {} },
];

const bodyCases = bodies.flatMap(({ path, method = 'POST', good }): Case[] => {
  const to: Pick<Case, 'method' | 'path'> = { method, path };
  const text = JSON.stringify(good);
  const unknown = JSON.stringify({ ...good, surprise: 1 });
  return [
    { what: 'malformed JSON', ...to, body: '{"a": ', status: 400, says: /JSON/ },
    { what: 'a list', ...to, body: '[1]', status: 400 },
    { what: 'text', ...to, body: '"start"', status: 400 },
    { what: 'null', ...to, body: 'null', status: 400 },
    { what: 'an unknown key', ...to, body: unknown, status: 400, says: /surprise/ },
    { what: 'a prototype', ...to, body: '{"__proto__": {"x": 1}}', status: 400 },
    { what: 'too deep nesting', ...to, body: `${'['.repeat(100)}${']'.repeat(100)}`, status: 400 },
    { what: 'no content type', ...to, body: text, headers: { 'content-type': '' }, status: 415 },
    {
      what: 'a form',
      ...to,
      body: text,
      headers: { 'content-type': 'text/plain' },
      status: 415,
      says: /json/i,
    },
    { what: 'too much', ...to, body: `{"a": "${'x'.repeat(200_000)}"}`, status: 413, says: /limits\./ },
  ];
});

/** Actions of batches that do not exist, whatever their id looks like. */
const idCases = ['batch_ffffffffffff', 'nonsense', 'batch_..%2f..%2fx', `batch_${'a'.repeat(300)}`].flatMap(
  (id): Case[] =>
    [
      ['GET', 'status'],
      ['GET', 'photos'],
      ['GET', 'results.csv'],
      ['GET', 'results.json'],
      ['GET', 'log'],
      ['POST', 'pause'],
      ['POST', 'resume'],
      ['POST', 'cancel'],
      ['POST', 'retry-failed', '{}'],
      ['POST', 'priority', '{"priority": 1}'],
      ['POST', 'hold', '{"client": "a", "reason": "b", "lease_s": 1}'],
      ['DELETE', 'hold', '{"client": "a"}'],
    ].map(([method, action, body]) => ({
      what: 'an unknown batch',
      method: method as Case['method'],
      path: `/batch/${id}/${action}`,
      body,
      status: 404,
      code: 'batch_not_found',
      says: /^Batch not found$/,
    })),
);

const photoIdCases: Case[] = ['0', '999999', '-1', '1.5', 'x', '1e3'].flatMap((id): Case[] => [
  { what: 'an unknown photo', method: 'GET', path: `/photos/${id}`, status: 404, code: 'photo_not_found' },
  { what: 'an unknown photo', method: 'GET', path: `/photos/${id}/thumbnail`, status: 404 },
  { what: 'an unknown photo', method: 'POST', path: `/photos/${id}/preview`, body: '{}', status: 404 },
]);

/** Values of a wrong type or out of range, as JSON text, by field. */
const wrongText = ['1', 'true', '[]', '{}', 'null'];
const wrongWhole = ['"1"', '1.5', 'true', '[1]', '{}', '1e999'];
const fields: readonly [path: string, field: string, values: readonly string[], rest?: string][] = [
  ['/batch/start', 'photo_ids', ['null', '"1"', '[]', '{}', '1', '["1"]', '[1.5]', '[null]', '[1e300]']],
  ['/batch/start', 'photos', ['null', '[]', '["/a.jpg"]', '[{}]', '[{"path": 1}]', '[{"path": ""}]']],
  ['/batch/start', 'photos', ['[{"path": "/a.jpg", "ref": []}]', '[{"path": "/a.jpg", "rf": 1}]']],
  ['/batch/start', 'select', ['null', '"/a"', '{}', '{"folder": 1}', '{"folder": "/a", "globe": "*"}']],
  ['/batch/start', 'session_id', ['"1"', '1.5', '[]'], '"photo_ids": [1]'],
  ['/batch/start', 'config', ['"x"', '1', '[]'], '"photo_ids": [1]'],
  ['/batch/start', 'operation', ['"delete"', '1', 'null'], '"photo_ids": [1]'],
  ['/batch/start', 'priority', [...wrongWhole, '0', '11', '-1', 'null'], '"photo_ids": [1]'],
  ['/batch/start', 'start_at', ['1', '"tomorrow"', 'null', '"2026-01-01"'], '"photo_ids": [1]'],
  ['/batch/start', 'depends_on', ['"x"', '["x"]', 'null'], '"photo_ids": [1]'],
  ['/batch/start', 'on_unknown', ['"ignore"', '1', 'null'], '"photo_ids": [1]'],
  ['/batch/start', 'run_window', ['"22:00"', '{"from": "25:00", "to": "06:00"}'], '"photo_ids": [1]'],
  ['/batch/BATCH/pause', 'mode', ['"medium"', '1', 'null']],
  ['/batch/BATCH/pause', 'until', ['"noon"', '1', 'null']],
  ['/batch/BATCH/retry-failed', 'codes', ['"timeout"', '["no_such_code"]', '[]', 'null']],
  ['/batch/BATCH/retry-failed', 'config', ['"x"', '[]', 'null']],
  ['/batch/BATCH/priority', 'priority', [...wrongWhole, '0', '11', 'null']],
  ['/batch/BATCH/hold', 'lease_s', ['"1"', '0', '-1', 'null', '1e9'], '"client": "a", "reason": "b"'],
  ['/batch/BATCH/hold', 'client', [...wrongText, '""'], '"reason": "b", "lease_s": 1'],
  ['/batch/BATCH/hold', 'reason', wrongText, '"client": "a", "lease_s": 1'],
  ['/batch/merge', 'batch_ids', ['[]', '["x", "y"]', '[1, 2]', 'null', '"batch_000000000001"']],
  ['/batch/cleanup', 'days_old', ['null', '"7"', '-1', '-0.001', '1e999', 'true', '[7]', '{}']],
  ['/batch/cleanup', 'dry_run', ['"yes"', '1', 'null']],
  ['/photos', 'paths', ['null', '[]', '"x"', '[1]', '[""]']],
  ['/photos', 'folder', ['1', 'null', '""']],
  ['/photos/PHOTO/preview', 'blend', ['101', '-1', '"60"', 'null']],
  ['/photos/PHOTO/preview', 'width', ['0', '1e6', '1.5', '"640"', 'null']],
  ['/photos/PHOTO/preview', 'preset', ['1', 'null', '""']],
];
const fieldCases = fields.flatMap(([path, field, values, rest]) =>
  values.map(
    (value): Case => ({
      what: `${field} = ${value}`,
      method: 'POST',
      path,
      body: `{${rest === undefined ? '' : `${rest}, `}"${field}": ${value}}`,
      status: 400,
      code: 'bad_request',
    }),
  ),
);

const start = (
  what: string,
  rest: string,
  status: number,
  more: { code?: string; says?: RegExp } = {},
): Case => ({ what, method: 'POST', path: '/batch/start', body: `{${rest}}`, status, ...more });
const ids = '"photo_ids": [PHOTO]';
export const config = (
  what: string,
  value: string,
  status: number,
  more: { code?: string; says?: RegExp } = {},
) => start(`config ${what}`, `${ids}, "config": ${value}`, status, more);

const startCases: Case[] = [
  start('nothing', '', 400, { says: /^photo_ids is required$/ }),
  { ...start('no body', '', 400, { says: /^photo_ids is required$/ }), body: undefined },
  start('no photo', '"photo_ids": []', 400, { says: /^photo_ids must be a non-empty list$/ }),
  start('two ways at once', `${ids}, "select": {"folder": "/a"}`, 400),
  start('a mistyped key', '"photo_ids": [PHOTO], "sesion_id": 1', 400, { says: /session_id/ }),
  start('unknown ids', '"photo_ids": [PHOTO, 4711]', 422, { code: 'unknown_photo_ids', says: /4711/ }),
  start('a negative id', '"photo_ids": [-1]', 422, { code: 'unknown_photo_ids' }),
  start('a relative path', '"photos": [{"path": "a.jpg"}]', 422, { says: /a\.jpg/ }),
  start('a path to nothing', '"photos": [{"path": "FOLDER/no.jpg"}]', 422, { says: /no\.jpg/ }),
  start('a folder as photo', '"photos": [{"path": "FOLDER"}]', 422),
  start('a relative path, to fail', '"photos": [{"path": "a.jpg"}], "on_unknown": "fail_item"', 422),
  start('a relative folder', '"select": {"folder": "photos"}', 422),
  start('a folder that is not there', '"select": {"folder": "/no/such/folder"}', 422, {
    says: /no such|not exist/,
  }),
  start('a folder with no match', '"select": {"folder": "FOLDER", "glob": "*.xyz"}', 422),
  start('a batch to wait for that is not there', `${ids}, "depends_on": ["batch_ffffffffffff"]`, 422),
  config('preset unknown', '{"preset": "WhiteLayer_v5"}', 422, {
    code: 'unknown_preset',
    says: /WhiteLayer_v4/,
  }),
  config('preset a number', '{"preset": 4}', 400),
  config('preset null', '{"preset": null}', 400),
  config('preset with an unknown slider', '{"preset": {"exposur": 1}}', 400, { says: /exposure/ }),
  config('preset out of range', '{"preset": {"exposure": 99}}', 400, { says: /exposure/ }),
  config('blend 101', '{"blend": 101}', 400, { says: /blend/ }),
  config('blend -1', '{"blend": -1}', 400, { says: /blend/ }),
  config('blend "60"', '{"blend": "60"}', 400, { says: /blend/ }),
  config('blend null', '{"blend": null}', 400, { says: /blend/ }),
  config('quality 0', '{"output": {"quality": 0}}', 400, { says: /quality/ }),
  config('quality 101', '{"output": {"quality": 101}}', 400, { says: /quality/ }),
  config('quality 89.5', '{"output": {"quality": 89.5}}', 400, { says: /quality/ }),
  config('format gif', '{"output": {"format": "gif"}}', 400, { says: /jpeg/ }),
  config('long_edge 0', '{"output": {"long_edge": 0}}', 400, { says: /long_edge/ }),
  config('folder relative', '{"output": {"folder": "out"}}', 400, { says: /absolute/ }),
  config('folder not a text', '{"output": {"folder": 1}}', 400, { says: /folder/ }),
  config('folder in no place', '{"output": {"folder": "/proc/no/such"}}', 422, {
    code: 'output_not_writable',
  }),
  config('folder a file', '{"output": {"folder": "FOLDER/photo-01.jpg"}}', 422, {
    code: 'output_not_writable',
  }),
  config('mistyped', '{"blnd": 60}', 400, { says: /blend/ }),
  config('output mistyped', '{"output": {"qualty": 60}}', 400, { says: /quality/ }),
  { ...start('key too long', ids, 400), headers: { ...json, 'idempotency-key': 'k'.repeat(256) } },
];

const query = (path: string, parameters: readonly string[], status = 400): Case[] =>
  parameters.map((text) => ({ what: `?${text}`, method: 'GET', path: `${path}?${text}`, status }));
const page = ['limit=-1', 'limit=0', 'limit=x', 'limit=1.5', 'limit=1&limit=2', 'cursor=%00x', 'surprise=1'];
const queryCases: Case[] = [
  ...query('/batch/list', [...page, 'status=done', 'cursor=99999', 'status=running&status=paused']),
  ...query('/batch/BATCH/photos', [...page, 'status=done', 'cursor=99999']),
  ...query('/batch/BATCH/status', [
    'wait_s=-1',
    'wait_s=31',
    'wait_s=x',
    'since=-1',
    'since=x',
    'surprise=1',
  ]),
  ...query('/batch/BATCH/log', ['since=-1', 'since=x', 'surprise=1']),
  ...query('/events', ['since=-1', 'timeout_s=31', 'timeout_s=-1', 'timeout_s=x', 'surprise=1']),
  ...query('/photos', page),
  ...query('/photos/PHOTO/thumbnail', ['size=0', 'size=-1', 'size=99999', 'size=x', 'size=1.5']),
  { what: 'an unknown preset', method: 'GET', path: '/presets/none', status: 404, code: 'preset_not_found' },
  { what: 'an unknown route', method: 'GET', path: '/batch', status: 404, code: 'not_found' },
  { what: 'a wrong method', method: 'GET', path: '/batch/start', status: 405, code: 'method_not_allowed' },
  { what: 'a wrong method', method: 'DELETE', path: '/photos', status: 405, code: 'method_not_allowed' },
];

const otherCases: Case[] = [
  ...['pause', 'resume'].map(
    (action): Case => ({
      what: `${action} of a batch that has not begun`,
      method: 'POST',
      path: `/batch/BATCH/${action}`,
      status: 409,
      code: 'illegal_transition',
      says: new RegExp(`^Failed to ${action} batch: `),
    }),
  ),
  { what: 'nothing to retry', method: 'POST', path: '/batch/BATCH/retry-failed', body: '{}', status: 409 },
  {
    what: 'unknown batches',
    method: 'POST',
    path: '/batch/merge',
    body: '{"batch_ids": ["batch_ffffffffffff", "BATCH"]}',
    status: 404,
  },
  {
    what: 'a file that is no photo',
    method: 'POST',
    path: '/photos',
    body: '{"paths": ["FOLDER/text.jpg"]}',
    status: 422,
    says: /text\.jpg/,
  },
  {
    what: 'a relative path',
    method: 'POST',
    path: '/photos',
    body: '{"paths": ["a.jpg"]}',
    status: 422,
    says: /a\.jpg/,
  },
  {
    what: 'a folder not there',
    method: 'POST',
    path: '/photos',
    body: '{"folder": "/no/such"}',
    status: 422,
    says: /no\/such/,
  },
  {
    what: 'one bad path among good ones',
    method: 'POST',
    path: '/photos',
    body: '{"paths": ["FOLDER/photo-01.jpg", "FOLDER/no.jpg"]}',
    status: 422,
    says: /no\.jpg/,
  },
  {
    what: 'an unknown preset',
    method: 'POST',
    path: '/photos/PHOTO/preview',
    body: '{"preset": "none"}',
    status: 422,
    code: 'unknown_preset',
  },
];

/** Every group of them, by what is wrong. */
export const badRequests: readonly (readonly [name: string, cases: readonly Case[]])[] = [
  ['bodies', bodyCases],
  ['batch ids', idCases],
  ['photo ids', photoIdCases],
  ['fields', fieldCases],
  ['starts', startCases],
  ['queries', queryCases],
  ['impossible wishes', otherCases],
];
