/** Starts the page: the styles, the theme, the connection, and the frame around the pages. */
import { render } from 'hono/jsx/dom';
import { Frame } from './frame.tsx';
import { live } from './state/bridge.ts';
import { applyTheme, loadTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/batches.css';
import './styles/photos.css';
import './styles/rows.css';
import './styles/forms.css';
import './styles/charts.css';

applyTheme(loadTheme());
const app = document.getElementById('app');
if (app !== null) render(<Frame />, app);
void live.start();
