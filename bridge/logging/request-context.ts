/** Which request the running code belongs to, so that every line of the log can say so. Creates no lines. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** One request from its first byte to the end of its answer. */
export type RequestContext = {
  readonly id: string;
  /** Then what it has set going is nobody's request any more. */
  isOver: boolean;
  /** As the route has it (`/batch/:batch_id/pause`); null: none was found, or not yet. */
  route: string | null;
};

const storage = new AsyncLocalStorage<RequestContext>();
const ID_FORM = /^[\w.-]{1,64}$/;

/** `given`: an id of the client's own (`x-request-id`), taken when it is harmless. */
export function createRequestContext(given?: string | undefined): RequestContext {
  const id = given !== undefined && ID_FORM.test(given) ? given : randomBytes(8).toString('hex');
  return { id, isOver: false, route: null };
}

export function runInRequest<T>(context: RequestContext, run: () => T): T {
  return storage.run(context, run);
}

/** `request_id` while its answer is not out yet. */
export function toRequestFields(): { request_id?: string } {
  const context = storage.getStore();
  return context === undefined || context.isOver ? {} : { request_id: context.id };
}
