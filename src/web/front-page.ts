import { html } from './html.ts';
import { page } from './page.ts';
import { type SshDoor, sshCommand } from './ssh-door.ts';

/** The page at `/`. */
export function frontPage(door: SshDoor): string {
  return page(
    'Labs',
    html`<h1>Your lab is one command away</h1>
<pre>${sshCommand('<user>', door)}</pre>
<p>Put your user name in the place of &lt;user&gt;. You land in a container of your own, and your Kubernetes cluster wakes up
with you. What you put behind an Ingress is at</p>
<pre>http://&lt;user&gt;.${door.domain}</pre>`,
  );
}
