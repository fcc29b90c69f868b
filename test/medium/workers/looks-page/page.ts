/** The looks page itself: a table of pictures that needs nothing but the image files beside it. */

export type Cell = { photo: string; blend: number; file: string };
export type Row = { title: string; note: string; cells: Cell[] };

const style = `
:root { color-scheme: dark; }
body { margin: 2rem; background: #6e6e6e; color: #fff; font: 15px/1.4 system-ui, sans-serif; }
h2 { margin: 2.5rem 0 0.25rem; }
p { margin: 0 0 0.75rem; max-width: 60rem; }
.photos { display: grid; grid-template-columns: repeat(auto-fit, minmax(30rem, 1fr)); gap: 1rem; }
.photo { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2px; }
figure { margin: 0; }
img { display: block; width: 100%; height: auto; }
figcaption { font-size: 12px; }
nav { columns: 14rem; }
nav a { display: block; color: #fff; }
`;

/** Every row shows each photo before and after, at each blend. Titles and notes may hold any text. */
export function toPage(rows: readonly Row[], before: ReadonlyMap<string, string>): string {
  const links = rows.map(({ title }, index) => `<a href="#look-${index}">${toText(title)}</a>`).join('\n');
  const sections = rows.map((row, index) => toSection(row, index, before)).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Looks side by side</title>
<style>${style}</style>
</head>
<body>
<h1>Looks side by side</h1>
<p>Each preset on each photo: as it was, at blend 60 and at blend 100. The page is mid grey so that it does not mislead the eye.</p>
<nav>
${links}
</nav>
${sections}
</body>
</html>
`;
}

function toSection({ title, note, cells }: Row, index: number, before: ReadonlyMap<string, string>): string {
  const photos = [...before].map(([photo, file]) => {
    const after = cells.filter((cell) => cell.photo === photo);
    const figures = [
      toFigure(file, 'before'),
      ...after.map((cell) => toFigure(cell.file, `blend ${cell.blend}`)),
    ];
    return `<div class="photo">\n${figures.join('\n')}\n</div>`;
  });
  return `<section id="look-${index}">
<h2>${toText(title)}</h2>
<p>${toText(note)}</p>
<div class="photos">
${photos.join('\n')}
</div>
</section>`;
}

function toFigure(file: string, caption: string): string {
  return `<figure><img src="${encodeURI(file)}" alt="${caption}" loading="lazy"><figcaption>${caption}</figcaption></figure>`;
}

function toText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
