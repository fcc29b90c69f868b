/** The one table of the page's pages. A new page is a line here and a file in `pages/`. */
import type { FC } from 'hono/jsx';
import { BatchPage } from './pages/batch-page.tsx';
import { BatchesPage } from './pages/batches-page.tsx';
import { CaptionsPage } from './pages/captions-page.tsx';
import { ListingsPage } from './pages/listings-page.tsx';
import { PresetsPage } from './pages/presets-page.tsx';
import { ResourcesPage } from './pages/resources-page.tsx';
import { StartPage } from './pages/start-page.tsx';

export type PageProps = {
  /** What stands for `:name` in the pattern. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
};
export type Route = {
  pattern: string;
  title: string;
  /** Its word in the navigation; absent: it is reached from another page. */
  nav?: string;
  page: FC<PageProps>;
};

export const routes: readonly Route[] = [
  { pattern: '/batches', title: 'Batches', nav: 'Batches', page: BatchesPage },
  { pattern: '/batch/:batch_id', title: 'Batch', page: BatchPage },
  { pattern: '/start', title: 'New batch', nav: 'New batch', page: StartPage },
  { pattern: '/presets', title: 'Presets', nav: 'Presets', page: PresetsPage },
  { pattern: '/captions', title: 'Captions', nav: 'Captions', page: CaptionsPage },
  { pattern: '/listings', title: 'Listings', nav: 'Listings', page: ListingsPage },
  { pattern: '/resources', title: 'Resources', nav: 'Resources', page: ResourcesPage },
];
