/** An HTTP server that answers from a table and remembers what it was asked: for tests of what callers send. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type Asked = { route: string; body: unknown; headers: Record<string, unknown> };
export type Answer =
  | { status?: number; body: unknown }
  | ((asked: Asked) => { status?: number; body: unknown });

/** Keys: `POST /batch/start`, query included. What is not there is answered 404. Closed when the test ends. */
export async function startStubDaemon(
  answers: Record<string, Answer>,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const call = {
      route: `${request.method} ${request.url}`,
      body: body === '' ? undefined : JSON.parse(body),
      headers: request.headers,
    };
    asked.push(call);
    const found = answers[call.route] ?? {
      status: 404,
      body: { code: 'batch_not_found', detail: 'No such batch', error: 'No such batch' },
    };
    const answer = typeof found === 'function' ? found(call) : found;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
