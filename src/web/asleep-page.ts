import { parseUsername, type Username } from '../names/username.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import { doorCommand, type LocalDoor, type SshDoor } from './ssh-door.ts';

/** What a visitor of a sleeping workspace sees. `host`: as the request names it, so anything at all. */
export function asleepPage(host: string, door: SshDoor | LocalDoor): string {
  const owner = ownerOf(host, door.domain);
  const command = doorCommand(owner ?? '<user>', door);
  return page(
    'Asleep',
    html`<h1>${host === '' ? 'This workspace' : host} is asleep</h1>
<p>Its owner is away, so the workspace and everything in it is resting. Nothing is lost.</p>
<p>It wakes up when its owner connects:</p>
<pre>${command}</pre>
<p>Then load this page again.</p>`,
  );
}

/** The user whose host, or a name below it, this is: the label right before the domain. */
function ownerOf(host: string, domain: string): Username | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const suffix = `.${domain}`;
  if (!name.endsWith(suffix)) return undefined;
  return parseUsername(name.slice(0, -suffix.length).split('.').at(-1) ?? '');
}
