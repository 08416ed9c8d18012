import { LABEL } from '../../../src/names/docker-names.ts';
import { docker } from './docker.ts';
import { LAB_IMAGE } from './set-up.ts';

export interface ChangedImage {
  readonly image: string;
  /** Whose it is: it goes when what belongs to this instance is swept. */
  readonly instance: string;
  /** The program that is replaced, "mount", and the script in its place. */
  readonly program: string;
  readonly script: string;
}

/** Makes an image that is the lab's, with a script in the place of one of its programs. */
export async function makeChangedImage({ image, instance, program, script }: ChangedImage): Promise<void> {
  const maker = `changed-${instance}`;
  const label = `${LABEL.instance}=${instance}`;
  const place = `mkdir /changed && cat > /changed/${program} && chmod +x /changed/${program}`;
  const run = ['run', '--interactive', '--user', '0', '--name', maker, '--label', label];
  await docker([...run, LAB_IMAGE, 'sh', '-c', place], { input: script });
  const path = 'ENV PATH=/changed:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await docker(['commit', '--change', path, '--change', `LABEL ${label}`, maker, image]);
  await docker(['rm', maker]);
}
