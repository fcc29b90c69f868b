/** Landscapes that nobody took: hills, a sun, water and grain, drawn from a number. For pictures of the page in the docs. */
import sharp from 'sharp';

const WIDTH = 1500;
const HEIGHT = 1000;

type Mood = { sky: [string, string]; sun: string; hills: readonly string[]; water: string | null };

const moods: readonly Mood[] = [
  {
    sky: ['#27406b', '#f3b487'],
    sun: '#fff0c4',
    hills: ['#8d6f86', '#5d4c6d', '#332f4d', '#1b1d31'],
    water: null,
  },
  {
    sky: ['#6fb1e0', '#e8f2f4'],
    sun: '#fffbe8',
    hills: ['#9db7b5', '#6f9a7c', '#47764f', '#274e31'],
    water: '#5c94b5',
  },
  {
    sky: ['#11203f', '#5b7ea6'],
    sun: '#f4f6ff',
    hills: ['#40587b', '#2c4063', '#1c2b49', '#10192e'],
    water: '#2d4a70',
  },
  {
    sky: ['#b5543a', '#f7cf8a'],
    sun: '#fff3cf',
    hills: ['#c08457', '#94573b', '#613a2d', '#38211d'],
    water: null,
  },
  {
    sky: ['#93a9b8', '#e9e4da'],
    sun: '#ffffff',
    hills: ['#b6bcb8', '#8b9792', '#5f6f6b', '#3b4a47'],
    water: null,
  },
  {
    sky: ['#3d6ea5', '#fbe3c0'],
    sun: '#fff6d8',
    hills: ['#d9b487', '#c18f5f', '#94683f', '#5f432b'],
    water: null,
  },
];

/** A JPEG; another number, another landscape. */
export async function makeLandscape(number: number): Promise<Buffer> {
  const random = createRandom(number + 1);
  const { sky, sun, hills, water } = moods[number % moods.length] ?? (moods[0] as Mood);
  const sunX = 250 + random() * 1000;
  const sunY = 240 + random() * 200;
  const layers = hills.map((colour, layer) => toHill(random, 420 + layer * 125, 150 - layer * 22, colour));
  const sea =
    water === null ? '' : `<rect y="610" width="${WIDTH}" height="390" fill="${water}" opacity="0.9"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <defs>
      <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="${sky[0]}"/><stop offset="0.7" stop-color="${sky[1]}"/></linearGradient>
      <radialGradient id="glow"><stop offset="0" stop-color="${sun}"/><stop offset="1" stop-color="${sun}" stop-opacity="0"/></radialGradient>
    </defs>
    <rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>
    <circle cx="${sunX}" cy="${sunY}" r="330" fill="url(#glow)" opacity="0.55"/>
    <circle cx="${sunX}" cy="${sunY}" r="52" fill="${sun}"/>
    ${layers.slice(0, 2).join('')}${sea}${layers.slice(2).join('')}
  </svg>`;
  const grain = await sharp({
    create: {
      width: WIDTH,
      height: HEIGHT,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 9 },
    },
  })
    .png()
    .toBuffer();
  return await sharp(Buffer.from(svg))
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** A ridge from edge to edge: three waves of random lengths. */
function toHill(random: () => number, top: number, height: number, colour: string): string {
  const waves = [1, 2.7, 7.3].map((pace) => ({
    pace: pace * (0.7 + random() * 0.6),
    phase: random() * 7,
    part: 1 / pace ** 0.8,
  }));
  const points = Array.from({ length: 76 }, (_, step) => {
    const x = (step / 75) * WIDTH;
    const y = waves.reduce(
      (sum, { pace, phase, part }) => sum + Math.sin((x / WIDTH) * 6 * pace + phase) * part,
      0,
    );
    return `${x.toFixed(0)},${(top - y * height * 0.55).toFixed(0)}`;
  });
  return `<polygon points="0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}" fill="${colour}"/>`;
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
