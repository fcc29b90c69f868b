/** Camera calibration: turns and strengthens the three primaries, and tints the shadows. */
import type { NativePreset } from '../../contract/native-preset.ts';
import { fromChroma, toChroma, turn } from '../colour/hue-plane.ts';
import { lumaOf } from '../colour/luminance.ts';
import type { ColourStage, Rgb } from '../colour/rgb.ts';

type Calibration = NonNullable<NativePreset['calibration']>;
type Primary = { hue?: number | undefined; saturation?: number | undefined };

// A full slider: a quarter of the way to the next primary; half as much or one and a half times the chroma.
const HUE_REACH = 30;
const SATURATION_REACH = 0.5;
const TINT_REACH = 0.25;

/**
 * The chroma of a colour is the sum of what its red, green and blue have above their mean; each share is turned and scaled
 * by its primary's sliders. That is one 3 x 3 matrix whose rows sum to one (as when a profile's primaries are changed under a fixed
 * white), so greys stay; luma (BT.709) is put back. The shadow tint (green to magenta) is t (1 - t)^3, which spares black.
 */
export function calibrationStage({ red, green, blue, shadow_tint = 0 }: Calibration): ColourStage {
  const fromRed = movePrimary([1, 0, 0], red ?? {});
  const fromGreen = movePrimary([0, 1, 0], green ?? {});
  const fromBlue = movePrimary([0, 0, 1], blue ?? {});
  const tint = (shadow_tint / 100) * TINT_REACH;
  return (rgb) => {
    const [r, g, b] = rgb;
    const mean = (r + g + b) / 3;
    const chroma = (channel: 0 | 1 | 2) =>
      (r - mean) * fromRed[channel] + (g - mean) * fromGreen[channel] + (b - mean) * fromBlue[channel];
    const moved: Rgb = [chroma(0), chroma(1), chroma(2)];
    const luma = lumaOf(rgb);
    const base = luma - lumaOf(moved);
    const inside = Math.min(1, Math.max(0, luma));
    const dark = tint * inside * (1 - inside) ** 3;
    return [base + moved[0] + dark / 2, base + moved[1] - dark / 2, base + moved[2] + dark / 2];
  };
}

/** The chroma a primary contributes; without sliders its own, so that all three together give the colour back. */
function movePrimary(primary: Rgb, { hue = 0, saturation = 0 }: Primary): Rgb {
  const chroma = turn(toChroma(primary), (hue / 100) * HUE_REACH);
  const scale = 1 + (saturation / 100) * SATURATION_REACH;
  return fromChroma({ x: chroma.x * scale, y: chroma.y * scale });
}
