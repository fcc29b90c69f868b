/** The template routes, one method each. */
import type { z } from 'zod';
import type {
  RemoveTemplateAnswer,
  SaveTemplateAnswer,
  saveTemplateBodySchema,
  Template,
  TemplateList,
} from '../contract/index.ts';
import type { CallOptions, Transport } from './transport.ts';

export type SaveTemplateRequest = z.input<typeof saveTemplateBodySchema>;

export function createTemplatesClient(transport: Transport) {
  const pathOf = (name: string) => `/templates/${encodeURIComponent(name)}`;
  return {
    list: (options?: CallOptions) =>
      transport.json<TemplateList>({ method: 'GET', path: '/templates', ...options }),
    get: (name: string, options?: CallOptions) =>
      transport.json<Template>({ method: 'GET', path: pathOf(name), ...options }),
    /** Resolves when it is durable on disk. Replaces the one of that name unless `if_exists` says otherwise. */
    save: (body: SaveTemplateRequest, options?: CallOptions) =>
      transport.json<SaveTemplateAnswer>({ method: 'POST', path: '/templates', body, ...options }),
    remove: (name: string, options?: CallOptions) =>
      transport.json<RemoveTemplateAnswer>({
        method: 'DELETE',
        path: pathOf(name),
        ...options,
      }),
  };
}
