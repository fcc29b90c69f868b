/** Writes Camera Raw settings as XMP text in its different spellings, and native presets as Camera Raw settings. */
import { hslBands, type NativePreset } from '../../../../bridge/contract/index.ts';

export type PlainSettings = Record<string, string | readonly string[]>;
export type Spelling = {
  /** Simple settings as attributes or elements. */
  simple: 'attributes' | 'elements';
  prefix: string;
  /** How many rdf:Description blocks the settings are spread over. */
  blocks: number;
  packet: boolean;
};

export const attributeSpelling: Spelling = { simple: 'attributes', prefix: 'crs', blocks: 1, packet: false };

const escapeText = (text: string) =>
  text.replace(/[&<>"'\n]/g, (character) => `&#${character.charCodeAt(0)};`);

export function writeXmp(settings: PlainSettings, spelling: Spelling = attributeSpelling): string {
  const { prefix, simple, blocks, packet } = spelling;
  const entries = Object.entries(settings);
  const perBlock = Math.max(1, Math.ceil(entries.length / blocks));
  const descriptions: string[] = [];
  for (let at = 0; at < entries.length; at += perBlock) {
    const attributes: string[] = [];
    const elements: string[] = [];
    for (const [name, value] of entries.slice(at, at + perBlock)) {
      const tag = `${prefix}:${name}`;
      if (typeof value !== 'string') {
        const items = value.map((item) => `<rdf:li>${escapeText(item)}</rdf:li>`).join('\n');
        elements.push(`<${tag}>\n<rdf:Seq>${items}</rdf:Seq></${tag}>`);
      } else if (simple === 'attributes') attributes.push(`${tag}="${escapeText(value)}"`);
      else elements.push(`<${tag}>${escapeText(value)}</${tag}>`);
    }
    descriptions.push(
      `<rdf:Description rdf:about="" ${attributes.join('\n ')}>${elements.join('\n')}</rdf:Description>`,
    );
  }
  const text = `<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:${prefix}="http://ns.adobe.com/camera-raw-settings/1.0/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${descriptions.join('\n')}</rdf:RDF></x:xmpmeta>`;
  return packet
    ? `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${text}\n${' '.repeat(200)}\n<?xpacket end="w"?>`
    : text;
}

const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const signed = (value: number) => (value > 0 ? `+${value}` : String(value));

/** What Lightroom would write for a native preset, by its documented names. */
export function toCameraRaw(preset: NativePreset): PlainSettings {
  const settings: PlainSettings = { PresetType: 'Normal', ProcessVersion: '15.4', HasSettings: 'True' };
  const add = (name: string, value: number | undefined) => {
    if (value !== undefined) settings[name] = signed(value);
  };
  if (preset.name !== undefined) settings.Name = preset.name;
  for (const key of ['exposure', 'contrast', 'highlights', 'shadows', 'whites', 'blacks', 'clarity'] as const)
    add(`${title(key)}2012`, preset[key]);
  for (const key of ['texture', 'dehaze', 'vibrance', 'saturation'] as const) add(title(key), preset[key]);
  add('IncrementalTemperature', preset.temperature);
  add('IncrementalTint', preset.tint);
  add('Temperature', preset.white_balance?.temperature);
  add('Tint', preset.white_balance?.tint);
  for (const band of hslBands) {
    add(`HueAdjustment${title(band)}`, preset.hsl?.[band]?.hue);
    add(`SaturationAdjustment${title(band)}`, preset.hsl?.[band]?.saturation);
    add(`LuminanceAdjustment${title(band)}`, preset.hsl?.[band]?.luminance);
    add(`GrayMixer${title(band)}`, preset.monochrome?.[band]);
  }
  if (preset.monochrome !== undefined) settings.ConvertToGrayscale = 'True';
  addCurves(settings, preset);
  addGrading(add, preset);
  add('ShadowTint', preset.calibration?.shadow_tint);
  for (const primary of ['red', 'green', 'blue'] as const) {
    add(`${title(primary)}Hue`, preset.calibration?.[primary]?.hue);
    add(`${title(primary)}Saturation`, preset.calibration?.[primary]?.saturation);
  }
  addDetail(add, preset);
  return settings;
}

function addCurves(settings: PlainSettings, { tone_curve }: NativePreset): void {
  for (const [name, points] of [
    ['', tone_curve?.points],
    ['Red', tone_curve?.red],
    ['Green', tone_curve?.green],
    ['Blue', tone_curve?.blue],
  ] as const) {
    if (points !== undefined) settings[`ToneCurvePV2012${name}`] = points.map(([x, y]) => `${x}, ${y}`);
  }
  const { shadow_split, midtone_split, highlight_split, ...moves } = tone_curve?.parametric ?? {};
  for (const [region, move] of Object.entries(moves))
    settings[`Parametric${title(region)}`] = signed(move ?? 0);
  if (shadow_split !== undefined) settings.ParametricShadowSplit = String(shadow_split);
  if (midtone_split !== undefined) settings.ParametricMidtoneSplit = String(midtone_split);
  if (highlight_split !== undefined) settings.ParametricHighlightSplit = String(highlight_split);
}

type Add = (name: string, value: number | undefined) => void;

/** Adobe's own files keep the names of split toning for two of the wheels. */
function addGrading(add: Add, { colour_grading: grading }: NativePreset): void {
  add('SplitToningShadowHue', grading?.shadows?.hue);
  add('SplitToningShadowSaturation', grading?.shadows?.saturation);
  add('ColorGradeShadowLum', grading?.shadows?.luminance);
  add('SplitToningHighlightHue', grading?.highlights?.hue);
  add('SplitToningHighlightSaturation', grading?.highlights?.saturation);
  add('ColorGradeHighlightLum', grading?.highlights?.luminance);
  add('ColorGradeMidtoneHue', grading?.midtones?.hue);
  add('ColorGradeMidtoneSat', grading?.midtones?.saturation);
  add('ColorGradeMidtoneLum', grading?.midtones?.luminance);
  add('ColorGradeGlobalHue', grading?.global?.hue);
  add('ColorGradeGlobalSat', grading?.global?.saturation);
  add('ColorGradeGlobalLum', grading?.global?.luminance);
  add('SplitToningBalance', grading?.balance);
  add('ColorGradeBlending', grading?.blending);
}

function addDetail(add: Add, preset: NativePreset): void {
  add('Sharpness', preset.sharpening?.amount);
  add('SharpenRadius', preset.sharpening?.radius);
  add('SharpenDetail', preset.sharpening?.detail);
  add('SharpenEdgeMasking', preset.sharpening?.masking);
  add('LuminanceSmoothing', preset.noise_reduction?.luminance);
  add('LuminanceNoiseReductionDetail', preset.noise_reduction?.detail);
  add('LuminanceNoiseReductionContrast', preset.noise_reduction?.contrast);
  add('ColorNoiseReduction', preset.noise_reduction?.colour);
  add('ColorNoiseReductionDetail', preset.noise_reduction?.colour_detail);
  add('ColorNoiseReductionSmoothness', preset.noise_reduction?.colour_smoothness);
  add('PostCropVignetteAmount', preset.vignette?.amount);
  add('PostCropVignetteMidpoint', preset.vignette?.midpoint);
  add('PostCropVignetteFeather', preset.vignette?.feather);
  add('PostCropVignetteRoundness', preset.vignette?.roundness);
  add('PostCropVignetteHighlightContrast', preset.vignette?.highlights);
  const styles = { highlights: 1, colour: 2, paint: 3 };
  add('PostCropVignetteStyle', preset.vignette?.style && styles[preset.vignette.style]);
  add('GrainAmount', preset.grain?.amount);
  add('GrainSize', preset.grain?.size);
  add('GrainFrequency', preset.grain?.roughness);
  add('DefringePurpleAmount', preset.defringe?.purple_amount);
  add('DefringePurpleHueLo', preset.defringe?.purple_hue_from);
  add('DefringePurpleHueHi', preset.defringe?.purple_hue_to);
  add('DefringeGreenAmount', preset.defringe?.green_amount);
  add('DefringeGreenHueLo', preset.defringe?.green_hue_from);
  add('DefringeGreenHueHi', preset.defringe?.green_hue_to);
}
