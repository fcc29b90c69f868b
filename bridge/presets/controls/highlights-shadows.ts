/** Highlights and shadows: bring back or deepen the upper or lower tones while black and white stay. */
import type { ToneStage } from '../colour/rgb.ts';

// Our own curves, named after what the sliders do in Lightroom: the bump t (1 - t)^3 peaks at a quarter and is gone at
// both ends. These factors keep the slope of t + factor * bump above 0.1 everywhere.
const LIFT = 1.4;
const DEEPEN = 0.85;

/** `shadows` -100..100 on encoded values; above white nothing changes. */
export function shadowsStage(shadows = 0): ToneStage {
  const amount = (shadows / 100) * (shadows > 0 ? LIFT : DEEPEN);
  return (t) => (t >= 1 ? t : t + amount * t * (1 - t) ** 3);
}

/**
 * `highlights` -100..100 on encoded values: the mirror image of shadows. `top` is the largest value that comes in: when exposure
 * pushed it past white, negative highlights bring it back by that share first, with a shoulder that starts at the middle. Past white the curve goes on with its slope at white.
 */
export function highlightsStage(highlights = 0, top = 1): ToneStage {
  const amount = (highlights / 100) * (highlights < 0 ? LIFT : DEEPEN);
  const recover = shoulder(top, highlights < 0 ? 1 + (top - 1) * (1 + highlights / 100) : top);
  return (value) => {
    const t = recover(value);
    return t > 1 ? 1 + (t - 1) * (1 - amount) : t + amount * (1 - t) * t ** 3;
  };
}

const KNEE = 0.5;

/** Rational shoulder (the shape of E. Reinhard et al., "Photographic tone reproduction", 2002) from KNEE, `top` to `target`. */
function shoulder(top: number, target: number): ToneStage {
  if (top <= 1 || target >= top) return (value) => value;
  const bend = ((top - KNEE) / (target - KNEE) - 1) / (top - KNEE);
  return (value) => (value <= KNEE ? value : KNEE + (value - KNEE) / (1 + bend * (value - KNEE)));
}
