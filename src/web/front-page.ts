import { html } from './html.ts';
import { page } from './page.ts';
import { doorCommand, type LocalDoor, type SshDoor } from './ssh-door.ts';

/** The page at `/`. `publicUrl`: where a workspace's Ingresses answer, with a placeholder for the user. */
export function frontPage(door: SshDoor | LocalDoor, publicUrl: string): string {
  return page(
    'Labs',
    html`<h1>Your lab is one command away</h1>
<pre>${doorCommand('<user>', door)}</pre>
<p>${'command' in door ? '' : 'Put your user name in the place of <user>. '}You land in a container of your own, and your Kubernetes cluster wakes up
with you. What you put behind an Ingress is at</p>
<pre>${publicUrl}</pre>`,
  );
}
