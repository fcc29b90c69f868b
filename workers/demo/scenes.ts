/** The scenes of the demo's pictures as data: sky, sun, clouds, hills, lights. Paints nothing. */
export type Rgb = readonly [red: number, green: number, blue: number];
export type Hill = {
  /** Height of its ridge, 0 top to 1 bottom of the picture, and how much it varies. */
  ridge: number;
  relief: number;
  /** Places between two crests as a share of the width. */
  wave: number;
  roughness: number;
  colour: Rgb;
};
export type Scene = {
  name: string;
  seed: number;
  zenith: Rgb;
  horizon: Rgb;
  sun?: { x: number; y: number; radius: number; glow: number; colour: Rgb };
  /** 0 none to 1 overcast. */
  clouds: number;
  cloudColour: Rgb;
  /** From far to near. */
  hills: readonly Hill[];
  /** Out-of-focus lights. */
  lights?: { count: number; radius: number; colours: readonly Rgb[] };
  /** Factor on everything, as a camera's exposure would be off. */
  exposure: number;
  /** Deviation of the noise in 8-bit levels. */
  grain: number;
};

const range = (far: Rgb, near: Rgb, ridges: readonly number[], roughness = 0.5): Hill[] =>
  ridges.map((ridge, index) => {
    const t = ridges.length === 1 ? 1 : index / (ridges.length - 1);
    const mix = (a: number, b: number) => a + (b - a) * t;
    return {
      ridge,
      relief: 0.07 - 0.025 * t,
      wave: 0.28 - 0.12 * t,
      roughness: roughness + 0.08 * t,
      colour: [mix(far[0], near[0]), mix(far[1], near[1]), mix(far[2], near[2])],
    };
  });

export const scenes: readonly Scene[] = [
  {
    name: 'dawn-over-the-hills',
    seed: 11,
    zenith: [74, 96, 150],
    horizon: [248, 190, 140],
    sun: { x: 0.32, y: 0.52, radius: 0.025, glow: 0.3, colour: [255, 226, 170] },
    clouds: 0.35,
    cloudColour: [255, 205, 180],
    hills: range([150, 130, 150], [34, 40, 38], [0.55, 0.62, 0.7, 0.82]),
    exposure: 0.85,
    grain: 4,
  },
  {
    name: 'noon-meadow',
    seed: 23,
    zenith: [52, 112, 200],
    horizon: [190, 220, 240],
    clouds: 0.55,
    cloudColour: [250, 250, 252],
    hills: range([120, 150, 170], [88, 130, 46], [0.5, 0.58, 0.72]),
    exposure: 1.05,
    grain: 2,
  },
  {
    name: 'evening-at-the-lake',
    seed: 37,
    zenith: [58, 52, 98],
    horizon: [255, 150, 80],
    sun: { x: 0.66, y: 0.47, radius: 0.034, glow: 0.42, colour: [255, 210, 130] },
    clouds: 0.6,
    cloudColour: [230, 120, 90],
    hills: range([110, 70, 90], [24, 22, 30], [0.53, 0.6], 0.46),
    exposure: 0.8,
    grain: 5,
  },
  {
    name: 'city-lights',
    seed: 41,
    zenith: [12, 14, 28],
    horizon: [44, 40, 62],
    clouds: 0.15,
    cloudColour: [50, 48, 70],
    hills: range([26, 26, 40], [10, 10, 16], [0.6, 0.75], 0.6),
    lights: {
      count: 60,
      radius: 0.035,
      colours: [
        [255, 190, 90],
        [255, 120, 70],
        [120, 190, 255],
        [250, 230, 190],
      ],
    },
    exposure: 1,
    grain: 9,
  },
  {
    name: 'fog-in-the-forest',
    seed: 53,
    zenith: [196, 204, 208],
    horizon: [222, 226, 224],
    clouds: 0.3,
    cloudColour: [232, 234, 234],
    hills: range([190, 198, 200], [52, 66, 60], [0.34, 0.46, 0.58, 0.7, 0.84], 0.66),
    exposure: 0.95,
    grain: 4,
  },
  {
    name: 'first-snow',
    seed: 61,
    zenith: [120, 160, 210],
    horizon: [226, 234, 244],
    sun: { x: 0.8, y: 0.2, radius: 0.02, glow: 0.24, colour: [255, 252, 240] },
    clouds: 0.25,
    cloudColour: [248, 250, 252],
    hills: range([190, 206, 226], [236, 240, 246], [0.48, 0.6, 0.76], 0.48),
    exposure: 0.78,
    grain: 2,
  },
  {
    name: 'garden-party',
    seed: 71,
    zenith: [66, 92, 44],
    horizon: [150, 160, 90],
    clouds: 0.5,
    cloudColour: [180, 190, 110],
    hills: range([70, 90, 44], [40, 56, 28], [0.78], 0.6),
    lights: {
      count: 42,
      radius: 0.055,
      colours: [
        [255, 236, 180],
        [240, 200, 150],
        [210, 230, 150],
        [255, 170, 160],
      ],
    },
    exposure: 0.9,
    grain: 3,
  },
  {
    name: 'desert-noon',
    seed: 83,
    zenith: [60, 130, 196],
    horizon: [224, 214, 190],
    clouds: 0.08,
    cloudColour: [250, 246, 236],
    hills: range([196, 160, 130], [206, 150, 92], [0.56, 0.66, 0.8], 0.38),
    exposure: 1.12,
    grain: 2,
  },
  {
    name: 'storm-coming',
    seed: 97,
    zenith: [52, 58, 70],
    horizon: [140, 148, 150],
    clouds: 0.95,
    cloudColour: [96, 102, 112],
    hills: range([84, 96, 100], [50, 70, 40], [0.58, 0.68, 0.82]),
    exposure: 0.72,
    grain: 6,
  },
  {
    name: 'blue-hour',
    seed: 101,
    zenith: [18, 34, 84],
    horizon: [120, 130, 180],
    clouds: 0.4,
    cloudColour: [90, 96, 150],
    hills: range([60, 70, 110], [14, 18, 32], [0.54, 0.64, 0.78]),
    lights: { count: 18, radius: 0.008, colours: [[255, 200, 110]] },
    exposure: 0.9,
    grain: 8,
  },
  {
    name: 'autumn-valley',
    seed: 113,
    zenith: [130, 170, 205],
    horizon: [236, 226, 200],
    sun: { x: 0.2, y: 0.3, radius: 0.022, glow: 0.34, colour: [255, 238, 200] },
    clouds: 0.3,
    cloudColour: [250, 244, 232],
    hills: range([150, 140, 140], [150, 84, 30], [0.46, 0.56, 0.68, 0.82], 0.6),
    exposure: 0.95,
    grain: 3,
  },
  {
    name: 'candle-light',
    seed: 127,
    zenith: [40, 24, 14],
    horizon: [120, 68, 30],
    sun: { x: 0.5, y: 0.55, radius: 0.03, glow: 0.5, colour: [255, 220, 150] },
    clouds: 0.2,
    cloudColour: [140, 84, 40],
    hills: range([84, 48, 26], [48, 28, 16], [0.8], 0.3),
    lights: {
      count: 26,
      radius: 0.045,
      colours: [
        [255, 190, 100],
        [255, 150, 70],
      ],
    },
    exposure: 0.85,
    grain: 10,
  },
];
