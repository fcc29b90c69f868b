/** Lines over the last ten minutes, drawn as SVG of fixed shape. Their newest values stand beside their names. */
import { KEPT_MS } from '../state/rates.ts';

export type ChartLine = {
  name: string;
  tone: 'a' | 'b' | 'c';
  points: readonly { at: number; value: number }[];
};

type Props = {
  title: string;
  unit: string;
  /** Value at the upper edge. */
  top: number;
  /** Time at the right edge, milliseconds since 1970. */
  end: number;
  lines: readonly ChartLine[];
  /** Values hold until the next one. */
  isStepped?: boolean;
  empty?: string;
};

const WIDTH = 600;
const HEIGHT = 120;
const grid = [0.25, 0.5, 0.75];

export function Chart({ title, unit, top, end, lines, isStepped, empty }: Props) {
  const told = lines.map(({ name, points }) => `${name} ${toNewest(points)} ${unit}`);
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {lines.map(({ name, tone, points }) => (
            <li key={name} data-tone={tone}>
              {name} <b>{toNewest(points)}</b> {unit}
            </li>
          ))}
          {lines.length === 0 && <li class="nothing">{empty}</li>}
        </ul>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}, last ten minutes. Now: ${told.join(', ') || 'nothing'}`}
      >
        {grid.map((share) => (
          <line key={share} class="rule" x1="0" x2={WIDTH} y1={HEIGHT * share} y2={HEIGHT * share} />
        ))}
        {lines.map(({ name, tone, points }) => (
          <path
            key={name}
            class="line"
            data-tone={tone}
            d={toPath(points, { top, end, isStepped: isStepped === true })}
          />
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>10 min ago</span>
        <span>top {top.toLocaleString('en')}</span>
        <span>now</span>
      </p>
    </figure>
  );
}

function toNewest(points: ChartLine['points']): string {
  const newest = points.at(-1);
  return newest === undefined ? '–' : Math.round(newest.value).toLocaleString('en');
}

type Scale = { top: number; end: number; isStepped: boolean };

function toPath(points: ChartLine['points'], { top, end, isStepped }: Scale): string {
  let path = '';
  for (const { at, value } of points) {
    const x = Math.max(0, WIDTH * (1 - (end - at) / KEPT_MS)).toFixed(1);
    const y = (HEIGHT * (1 - Math.min(Math.max(value / top, 0), 1))).toFixed(1);
    if (path === '') path = `M${x} ${y}`;
    else path += isStepped ? `H${x}V${y}` : `L${x} ${y}`;
  }
  return isStepped && path !== '' ? `${path}H${WIDTH}` : path;
}
