/** `npm run docs:settings`: brings the published JSON Schema and the README's settings table up to date with the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toSettingsJsonSchema } from './setting-paths.ts';
import { withSettingsTable } from './settings-table.ts';

const schemaFile = fileURLToPath(new URL('./settings.schema.json', import.meta.url));
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

writeFileSync(schemaFile, `${JSON.stringify(toSettingsJsonSchema(), null, 2)}\n`);
writeFileSync(readme, withSettingsTable(readFileSync(readme, 'utf8')));
