import { html } from './html.ts';
import { page } from './page.ts';
import { doorCommand, type LocalDoor, type SshDoor } from './ssh-door.ts';

/** What a visitor of a sleeping workspace sees. `host`: as the request names it, so anything at all. `login`: what wakes it. */
export function asleepPage(host: string, login: string | undefined, door: SshDoor | LocalDoor): string {
  const command = doorCommand(login ?? '<user>', door);
  return page(
    'Asleep',
    html`<h1>${host === '' ? 'This workspace' : host} is asleep</h1>
<p>Its owner is away, so the workspace and everything in it is resting. Nothing is lost.</p>
<p>It wakes up when its owner connects:</p>
<pre>${command}</pre>
<p>Then load this page again.</p>`,
  );
}
