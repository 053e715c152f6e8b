/** The style sheet of the docs page. */
export const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 small { font-weight: 400; opacity: 0.7; }
h2 { margin: 0 0 0.5rem; font-size: 1.15rem; }
h2 b, nav b { text-transform: uppercase; font-size: 0.8em; opacity: 0.75; }
h3 { margin: 1rem 0 0.25rem; font-size: 1rem; }
nav ul { columns: 18rem; padding: 0; list-style: none; }
section { margin-block: 1.5rem; padding: 1rem; border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); border-radius: 8px; }
p { margin: 0.25rem 0; }
ul { margin: 0.25rem 0; padding-inline-start: 1.25rem; }
table { border-collapse: collapse; }
th, td { padding: 0.2rem 0.8rem 0.2rem 0; text-align: start; vertical-align: top; }
:focus-visible { outline: 2px solid; outline-offset: 2px; }
`
