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

function HowToSet({ server: { url, hasToken, file } }: { server: Known }) {
  const assignments = [
    ...(url === null ? ['captions.server_url=https://photos.example'] : []),
    ...(hasToken ? [] : ['captions.token=YOUR_TOKEN']),
  ];
  return (
    <div class="how">
      <p class="hint">
        Server and token are set on this machine, never from a web page. In a terminal, with your own values:
      </p>
      <pre class="command">
        <code>{`photo-bridge settings set ${assignments.join(' ')}`}</code>
      </pre>
      <p class="hint">
        Or as <code>captions.server_url</code> and <code>captions.token</code> in{' '}
        {file === null ? 'the settings file' : <code>{file}</code>}, or as{' '}
        <code>ACTIVITYPUB_INSTANCE_URL</code> and <code>ACTIVITYPUB_ACCESS_TOKEN</code> in the daemon's
        environment. The token needs the scopes <code>read:statuses</code>, <code>write:statuses</code> and{' '}
        <code>write:media</code>. This page notices a change by itself.
      </p>
    </div>
  );
}
