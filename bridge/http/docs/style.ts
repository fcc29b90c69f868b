/** How the page looks, in the page itself; the policy names it by its sum, so that no other style and no script can run. */
import { createHash } from 'node:crypto';
import { raw } from 'hono/html';

const css = `
:root {
  --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --block: #f4f6f8; --link: #0a53a8;
  --get: #0b6b3a; --post: #0a53a8; --patch: #7a4b00; --delete: #a8201a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e6e9ed; --soft: #a3adb8; --line: #343b44; --block: #1e2329; --link: #7ab7ff;
    --get: #6fd49b; --post: #7ab7ff; --patch: #f0b429; --delete: #ff9a91;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--link); }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre { margin: 0.75rem 0; padding: 0.75rem 1rem; background: var(--block); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
pre code { overflow-wrap: normal; }
pre.line { white-space: pre-wrap; overflow-wrap: anywhere; }
pre.line code { overflow-wrap: inherit; }
p > code, li > code, td code { background: var(--block); border-radius: 4px; padding: 0.05em 0.3em; }
h1 small { font-weight: 400; color: var(--soft); font-size: 0.6em; }
h2 { margin: 3rem 0 0.5rem; padding-top: 1rem; border-top: 2px solid var(--line); font-size: 1.5rem; }
h3 { margin: 0; font-size: 1.05rem; }
h3 code { font-size: 1em; }
h4 { margin: 1.25rem 0 0.25rem; font-size: 0.95rem; }
article { margin: 1.25rem 0; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
.self { color: inherit; text-decoration: none; }
.self:hover { text-decoration: underline; }
.summary { margin: 0.35rem 0; font-weight: 600; }
.method { display: inline-block; min-width: 4.4em; font: 700 0.75rem/1.4 ui-monospace, Menlo, Consolas, monospace; color: var(--get); }
.method.post { color: var(--post); }
.method.put, .method.patch { color: var(--patch); }
.method.delete { color: var(--delete); }
.must { color: var(--delete); font-weight: 700; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 700; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { color: var(--soft); font-size: 0.8rem; }
tbody th { white-space: nowrap; }
tbody th code { overflow-wrap: normal; }
td { min-width: 7rem; }
details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem; z-index: 1; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav p { margin: 1.25rem 0 0.25rem; font-weight: 700; }
nav li a { display: flex; align-items: baseline; padding: 0.2rem 0; color: var(--ink); text-decoration: none; font-size: 0.875rem; line-height: 1.35; }
nav .method { flex: none; }
nav li a:hover { text-decoration: underline; }
.side { display: none; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 21rem minmax(0, 1fr); }
  .side { display: block; position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 0 1rem 2rem 1.5rem; border-right: 1px solid var(--line); }
  .menu { display: none; }
  main { padding: 1rem 2rem 4rem; margin: 0; width: 100%; }
}
@media (max-width: 40rem) {
  article { padding: 0.9rem; }
  thead { position: absolute; left: -100vw; }
  tr { display: block; padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  th, td { display: block; padding: 0.1rem 0; border: 0; }
  tbody th { white-space: normal; }
}
@media print { .side, .menu, .skip { display: none; } body { display: block; } }
`;

export const docsStyle = raw(css);

const sum = createHash('sha256').update(css).digest('base64');
export const docsPolicy = `default-src 'none'; style-src 'sha256-${sum}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
