/** The attackers' own server: serves the hostile page and collects what it reports. It knows nothing of the daemon. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One attack from one place at one address of the daemon. */
export type AttackLine = {
  where: string;
  kind: string;
  base: string;
  /** Characters or pixels the page could read that were no refusal of the guard. */
  read: number;
  /** A WebSocket or event stream that opened. */
  opened: number;
  /** Code of the refusal it could read. */
  told?: string;
  /** It neither came through nor failed in time. */
  late?: boolean;
  /** The session it asked a batch for. */
  session?: number;
};
type Report = { page: string; lines: AttackLine[] };

export type Plan = {
  page: string;
  bases: readonly string[];
  /** For frames, forms and windows, which cost a browser most. */
  frameBases: readonly string[];
  /** For workers and sandboxed frames, which differ in who asks, not in what is asked. */
  workerBases: readonly string[];
  /** Read by GET. */
  paths: readonly string[];
  /** Batches that only the named kind of attack tries to cancel, without a body. */
  victims: Readonly<Record<string, string>>;
  startAt: string;
  firstSession: number;
  /** Where the report goes. */
  home: string;
  serviceWorker: boolean;
  /** Attacks under way at a time. */
  turns: number;
};

const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
const requestsSource = read('requests.js');
const attackSource = read('attack.js');
const serviceWorkerSource = read('service-worker.js');

export function toAttackPage(plan: Plan): string {
  const shared = JSON.stringify({ ...plan, requestsSource }).replaceAll('<', '\\u003c');
  const scripts = [`const plan = ${shared};`, requestsSource, attackSource];
  const tags = scripts.map((source) => `<script>${source.replaceAll('</script', '<\\/script')}</script>`);
  return `<!doctype html><meta charset="utf-8"><title>${plan.page}</title><body>${tags.join('\n')}`;
}

export type EvilServer = Awaited<ReturnType<typeof startEvilServer>>;

export async function startEvilServer() {
  const pages = new Map<string, string>();
  const reports = new Map<string, PromiseWithResolvers<AttackLine[]>>();
  const reportOf = (page: string) => {
    const report = reports.get(page) ?? Promise.withResolvers<AttackLine[]>();
    reports.set(page, report);
    return report;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    if (request.url === '/report') {
      const { page, lines } = JSON.parse(await readAll(request)) as Report;
      reportOf(page).resolve(lines);
      response.end();
    } else if (request.url === '/service-worker.js') {
      response.setHeader('content-type', 'text/javascript').end(serviceWorkerSource);
    } else {
      const page = pages.get(request.url ?? '');
      response.setHeader('content-type', 'text/html').writeHead(page === undefined ? 404 : 200);
      response.end(page);
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    addPage(path: string, html: string): void {
      pages.set(path, html);
    },
    /** Resolves when the page has tried everything. */
    reportFrom: (page: string) => reportOf(page).promise,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
