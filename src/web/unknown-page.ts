import { html } from './html.ts';
import { page } from './page.ts';
import { doorCommand, type LocalDoor, type SshDoor } from './ssh-door.ts';

/** What a visitor of a name sees that is no workspace's. The same for each: it tells nobody which users there are. */
export function unknownPage(door: SshDoor | LocalDoor): string {
  return page(
    'Nothing here',
    html`<h1>There is nothing here</h1>
<p>No workspace has this name at the moment. If you expected yours:</p>
<ul>
<li>Is the name in the address spelled right? In your lab, <code>echo $LAB_HOST</code> prints it.</li>
<li>A workspace gets its name when its owner connects for the first time, and its lab has a cluster:</li>
</ul>
<pre>${doorCommand('<user>', door)}</pre>`,
  );
}
