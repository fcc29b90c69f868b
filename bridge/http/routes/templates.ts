/** Template routes: list, show, save, remove. What a template does to a start is in `start-body.ts`. */
import { Hono } from 'hono';
import { z } from 'zod';
import {
  developConfigSchema,
  noBodySchema,
  saveTemplateBodySchema,
  type TemplateStart,
} from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { parseBody, parseWith } from '../parse.ts';
import type { AppEnv, AppServices } from '../services.ts';

export function createTemplateRoutes(services: AppServices): Hono<AppEnv> {
  const { templates } = services;
  return new Hono<AppEnv>()
    .get('/templates', (c) => {
      const all = templates.list();
      return c.json({ templates: all, count: all.length });
    })
    .get('/templates/:template', (c) => c.json(templates.get(c.req.param('template'))))
    .post('/templates', async (c) => {
      const body = await parseBody(c, services, saveTemplateBodySchema);
      checkConfig(body.start);
      const { template, replaced } = await templates.save(body);
      return c.json({ message: 'Template saved', replaced, ...template });
    })
    .delete('/templates/:template', async (c) => {
      await parseBody(c, services, noBodySchema);
      const { name } = await templates.remove(c.req.param('template'));
      return c.json({ message: 'Template removed', name });
    });
}

const developTemplateSchema = z.object({ start: z.object({ config: developConfigSchema }) });

/** A slip in it should not wait for the first start to be seen. Other operations look at theirs when they start. */
function checkConfig({ operation, config = null }: TemplateStart): void {
  if ((operation ?? 'develop') !== 'develop' || config === null) return;
  try {
    parseWith(developTemplateSchema, { start: { config } });
  } catch (thrown) {
    if (!(thrown instanceof BridgeError) || operation !== undefined) throw thrown;
    const sentence = `${thrown.message} (for another operation than "develop", say start.operation)`;
    throw new BridgeError(thrown.code, sentence, thrown.extensions);
  }
}
