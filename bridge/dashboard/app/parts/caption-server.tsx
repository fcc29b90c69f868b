/** Where captions go, or how to say where. Neither can be set from a page: whoever sets them decides where texts and a token go. */
import type { CaptionServer } from '../state/use-caption-server.ts';

export function CaptionServerCard({ server }: { server: CaptionServer }) {
  return (
    <section class="card server" aria-labelledby="server" data-state={toState(server)}>
      <h2 id="server">Server</h2>
      <div role="status">
        <Told server={server} />
      </div>
      {server.state === 'known' && !isReady(server) && <HowToSet server={server} />}
    </section>
  );
}

type Known = Extract<CaptionServer, { state: 'known' }>;

function isReady({ url, hasToken }: Known): boolean {
  return url !== null && hasToken;
}

function toState(server: CaptionServer): string {
  if (server.state !== 'known') return server.state;
  return isReady(server) ? 'ready' : 'missing';
}

function Told({ server }: { server: CaptionServer }) {
  if (server.state === 'reading') return <p class="hint">Reading the settings…</p>;
  if (server.state === 'unknown') return <p class="error">{server.problem}</p>;
  const { url, hasToken } = server;
  if (url === null) return <p>No server is set yet, so nothing can be published.</p>;
  if (!hasToken) {
    return (
      <p>
        <b>{url}</b>, but no access token is set yet.
      </p>
    );
  }
  return (
    <p>
      Captions go to <b>{url}</b>. Its access token is set.
    </p>
  );
}

function HowToSet({ server }: { server: Known }) {
  return (
    <div class="how">
      <p class="hint">
        Server and token are set on this machine, never from a web page. In a terminal (the token is asked for and
        not shown):
      </p>
      <pre class="command" tabindex={0} aria-label="Commands">
        <code>
          {server.url === null ? 'photo-bridge settings set captions.server_url https://photos.example\n' : ''}
          {server.hasToken ? '' : 'photo-bridge settings set captions.token -'}
        </code>
      </pre>
      <p class="hint">
        Or start the daemon with <code>ACTIVITYPUB_INSTANCE_URL</code> and <code>ACTIVITYPUB_ACCESS_TOKEN</code>. This
        page notices a change by itself.
      </p>
    </div>
  );
}
