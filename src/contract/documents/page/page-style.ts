/** Style of the page: one column at 360 px, two from 60rem, light and dark as the reader's system is. */
export const pageStyle = `:root {
  color-scheme: light dark;
  --ink: #1b1f24; --soft: #57606a; --paper: #fff; --shade: #f4f6f8; --line: #d5dae0; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b1; --paper: #14171b; --shade: #1e2329; --line: #363d46; --link: #7db8f5; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 84rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; }
h1 { margin: 0; font-size: 1.8rem; }
h2 { margin: 2.5rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); font-size: 1.35rem; }
small, figcaption, summary span { color: var(--soft); }
a { color: var(--link); text-underline-offset: 0.15em; }
a:focus-visible, summary:focus-visible, pre:focus-visible, .wide:focus-visible { outline: 2px solid var(--link); }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { margin: 0.25rem 0 0; padding: 0.75rem; overflow-x: auto; overflow-wrap: normal;
  background: var(--shade); border: 1px solid var(--line); border-radius: 6px; }
figure { margin: 1rem 0; }
figcaption { font-size: 0.9rem; }
.guides { margin: 1rem 0; }
.guides div { margin: 0.4rem 0; }
.guides dt { font-weight: 600; }
.guides dd { display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; margin: 0; }
nav { margin: 1rem 0; padding: 0.75rem 1rem; background: var(--shade); border-radius: 6px; }
nav p, nav details { margin: 0.25rem 0; }
nav ul { margin: 0.25rem 0 0.5rem; padding-left: 1.2rem; font-size: 0.9rem; list-style: none; }
summary { cursor: pointer; padding: 0.25rem 0; }
.entry { border-bottom: 1px solid var(--line); }
.entry > summary { padding: 0.6rem 0; }
.entry > summary > code { font-weight: 600; }
.entry > div { padding: 0 0 1rem 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; font-size: 0.92rem; overflow-wrap: normal; }
th, td { padding: 0.35rem 0.6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { background: var(--shade); }
nav h2 { margin: 0.75rem 0 0.25rem; border: 0; padding: 0; font-size: 1rem; }
nav [aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
.guide { max-width: 50rem; }
@media (min-width: 60rem) {
  .guides div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); }
  body { display: grid; grid-template-columns: 19rem minmax(0, 1fr); column-gap: 2rem; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto; }
}
@media print { nav { display: none; } }
`;
