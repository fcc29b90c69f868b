/** What is around every page: navigation, how the daemon is, messages. It moves the focus to a page that opens. */
import { useEffect, useRef, useState } from 'hono/jsx/dom';
import { LinkState, LoadChip, Warnings } from './parts/daemon-state.tsx';
import { Foot } from './parts/foot.tsx';
import { MessageList } from './parts/message-list.tsx';
import { matchPattern } from './place.ts';
import { usePlace } from './router.ts';
import { type Route, routes } from './routes.ts';
import { loadTheme, saveTheme, type Theme, themes } from './state/theme.ts';

export function Frame() {
  const { path, query } = usePlace();
  const main = useRef<HTMLElement>(null);
  const opened = useRef<string | null>(null);
  const found = findRoute(path);
  const title = found?.route.title ?? 'Not found';
  useEffect(() => {
    document.title = `${title} · Photo Bridge`;
    // The first page is where the reader begins anyway.
    if (opened.current !== null) {
      scrollTo(0, 0);
      main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    }
    opened.current = path;
  }, [path]);
  const Page = found?.route.page ?? NotFound;
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <a class="brand" href="#/batches">
          <span class="mark" aria-hidden="true" />
          Photo Bridge
        </a>
        <nav aria-label="Pages">
          <ul>
            {routes
              .filter(({ nav }) => nav !== undefined)
              .map((route) => (
                <li key={route.pattern}>
                  <a href={`#${route.pattern}`} aria-current={route === found?.route ? 'page' : undefined}>
                    {route.nav}
                  </a>
                </li>
              ))}
          </ul>
        </nav>
        <div class="state">
          <LoadChip />
          <LinkState />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" ref={main} tabindex={-1}>
        <Warnings />
        <Page key={path} params={found?.params ?? {}} query={query} />
      </main>
      <Foot />
      <MessageList />
    </div>
  );
}

function findRoute(path: string): { route: Route; params: Record<string, string> } | null {
  for (const route of routes) {
    const params = matchPattern(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}

function NotFound() {
  return (
    <div class="page">
      <h1 tabindex={-1}>There is no such page</h1>
      <p>
        <a href="#/batches">To the batches</a>
      </p>
    </div>
  );
}

const themeWords: Readonly<Record<Theme, string>> = { auto: 'Auto', dark: 'Dark', light: 'Light' };

function ThemeSwitch() {
  const [theme, setTheme] = useState(loadTheme());
  return (
    <label class="theme">
      <span class="unseen">Colours of the page</span>
      <select
        value={theme}
        onInput={(event: Event) => {
          const chosen = themes.find((name) => name === (event.target as HTMLSelectElement).value) ?? 'auto';
          saveTheme(chosen);
          setTheme(chosen);
        }}
      >
        {themes.map((name) => (
          <option key={name} value={name} selected={name === theme}>
            {themeWords[name]}
          </option>
        ))}
      </select>
    </label>
  );
}
