import { type Html, html } from './html.ts';

/** A small page that needs nothing else: no script, no other file. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }
body { display: grid; min-height: 90vh; place-items: center; margin: 0; padding: 1rem }
main { max-width: 34rem }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere }
pre { padding: .8rem 1rem; border-radius: .5rem; background: #8883; overflow-x: auto }
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;
}
