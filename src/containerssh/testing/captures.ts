import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';

const FOLDER = join(import.meta.dirname, 'captures');

const message = z.record(z.string(), z.unknown());
const captureSchema = z.object({
  request: z.object({ line: z.string(), headers: z.record(z.string(), z.string()), body: message }),
  response: z.object({ body: message }),
});

/** A call that a real ContainerSSH (main of May 2026, Docker backend) made, and an answer that it took. */
export interface Capture extends z.output<typeof captureSchema> {
  readonly name: string;
  /** "/pubkey" */
  readonly path: string;
}

export function captures(): readonly Capture[] {
  return readdirSync(FOLDER).map((file) => {
    const capture = captureSchema.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
    const [, path = ''] = capture.request.line.split(' ');
    return { ...capture, name: basename(file, '.json'), path };
  });
}

export function captured(name: string): Capture {
  const found = captures().find((capture) => capture.name === name);
  if (found === undefined) throw new Error(`there is no capture ${name}`);
  return found;
}
