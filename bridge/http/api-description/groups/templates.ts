/** Describes the template routes. */
import {
  noBodySchema,
  removeTemplateAnswerSchema,
  saveTemplateAnswerSchema,
  saveTemplateBodySchema,
  templateListSchema,
  templateSchema,
} from '../../../contract/index.ts';
import type { Group, Operation } from '../operation.ts';

const start = {
  config: { preset: 'WhiteLayer_v4', blend: 60, output: { format: 'webp' as const, long_edge: 2048 } },
};
const summary = {
  name: 'Web gallery',
  description: 'Small, for the site',
  operation: null,
  saved_at: '2025-11-09T09:00:00Z',
};

const list: Operation = {
  method: 'GET',
  path: '/templates',
  id: 'listTemplates',
  summary: 'All templates',
  answers: [
    {
      about: 'By name, without what they say.',
      schema: templateListSchema,
      example: { templates: [summary], count: 1 },
    },
  ],
};

const one: Operation = {
  method: 'GET',
  path: '/templates/{template}',
  id: 'getTemplate',
  summary: 'One template',
  answers: [{ about: 'The template.', schema: templateSchema, example: { ...summary, start } }],
};

const save: Operation = {
  method: 'POST',
  path: '/templates',
  id: 'saveTemplate',
  summary: 'Save a template',
  description: 'One of the same name is replaced, unless `if_exists` is `refuse`.',
  body: {
    schema: saveTemplateBodySchema,
    required: true,
    examples: [
      {
        summary: 'A preset and a form of output',
        value: { name: 'Web gallery', description: 'Small, for the site', start },
      },
    ],
  },
  answers: [
    {
      about: 'Saved, and durable on disk.',
      schema: saveTemplateAnswerSchema,
      example: { message: 'Template saved', replaced: false, ...summary, start },
    },
  ],
  refusals: ['conflict', 'unprocessable'],
  writes: true,
};

const remove: Operation = {
  method: 'DELETE',
  path: '/templates/{template}',
  id: 'removeTemplate',
  summary: 'Remove a template',
  description: 'Batches that were started with it go on.',
  body: {
    schema: noBodySchema,
    required: false,
    examples: [{ summary: 'An empty object is as good as no body', value: {} }],
  },
  answers: [
    {
      about: 'Removed.',
      schema: removeTemplateAnswerSchema,
      example: { message: 'Template removed', name: 'Web gallery' },
    },
  ],
  writes: true,
};

export const templates: Group = {
  name: 'Templates',
  about: 'Named parts of a start body. A start names one with `template`.',
  operations: [list, one, save, remove],
};
