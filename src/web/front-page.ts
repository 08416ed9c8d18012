import { html } from './html.ts';
import { page } from './page.ts';
import { type SshDoor, sshCommand } from './ssh-door.ts';

/** The page at `/`. `publicUrl`: where a workspace's Ingresses answer, with a placeholder for the user. */
export function frontPage(door: SshDoor, publicUrl: string): string {
  return page(
    'Labs',
    html`<h1>Your lab is one command away</h1>
<pre>${sshCommand('<user>', door)}</pre>
<p>Put your user name in the place of &lt;user&gt;. You land in a container of your own, and your Kubernetes cluster wakes up
with you. What you put behind an Ingress is at</p>
<pre>${publicUrl}</pre>`,
  );
}
