/** Below every page: the daemon's version, and what it has for programs. */
import { useEffect, useState } from 'hono/jsx/dom';
import { client } from '../state/bridge.ts';

const links = [
  ['/docs', 'API reference'],
  ['/openapi.json', 'OpenAPI'],
  ['/metrics', 'Metrics'],
  ['/health', 'Health'],
] as const;

export function Foot() {
  const [version, setVersion] = useState('');
  useEffect(() => {
    client
      .version()
      .then((answer) => setVersion(answer.version))
      .catch(() => undefined);
  }, []);
  return (
    <footer class="foot">
      <p>Photo Bridge {version}</p>
      <ul aria-label="For programs">
        {links.map(([address, word]) => (
          <li key={address}>
            <a href={address} target="_blank" rel="noopener">
              {word}
            </a>
          </li>
        ))}
      </ul>
    </footer>
  );
}
