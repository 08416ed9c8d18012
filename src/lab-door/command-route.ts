import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RunClusterCommand } from '../cluster-command/cluster-command.ts';
import type { WorkspaceOf } from './workspace-of.ts';

/** What a reader may leave unread before it is taken for gone; bytes. */
const MOST_UNREAD = 4 * 2 ** 20;

const MOST_WORDS = 256;

const LINES = 'text/plain; charset=utf-8';
const UNREADABLE = 's\ne The words of the command are too many, or can not be read.\nx 2\n';

const bodySchema = z.union([
  z.object({ args: z.array(z.string()).max(MOST_WORDS) }).transform(({ args }) => args),
  z.instanceof(Buffer).transform(wordsOf).pipe(z.array(z.string()).max(MOST_WORDS)),
]);

/**
 * `POST /cluster`: a `cluster` command. Its words come as JSON, `{ "args": ["status"] }`, or as `application/octet-stream`, each
 * ended by a NUL byte, which a shell can send whatever is in them. The answer is lines: `s` at once, `o text` and `e text` for
 * standard output and standard error as they come, and last `x status`. Who hangs up ends the command.
 */
export function addCommandRoute(
  scope: FastifyInstance,
  { run, workspaceOf }: { readonly run: RunClusterCommand; readonly workspaceOf: WorkspaceOf },
): void {
  scope.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    (_request, body, done) => void done(null, body),
  );
  scope.setErrorHandler((_error, _request, reply) => reply.code(400).type(LINES).send(UNREADABLE));
  scope.post('/cluster', (request, reply) => {
    reply.type(LINES).header('cache-control', 'no-store');
    const args = bodySchema.safeParse(request.body === undefined ? Buffer.alloc(0) : request.body);
    if (!args.success) return reply.code(400).send(UNREADABLE);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const lines = new PassThrough();
    const write = (kind: 'o' | 'e', text: string): void => {
      if (gone.signal.aborted) return;
      lines.write(tagged(kind, text));
      if (lines.writableLength + lines.readableLength > MOST_UNREAD) request.raw.socket.destroy();
    };
    lines.write('s\n');
    void run(workspaceOf(request.raw), args.data, {
      name: 'cluster',
      print: (text) => write('o', text),
      note: (text) => write('e', text),
      signal: gone.signal,
    }).then(
      (status) => lines.end(`x ${status}\n`),
      () => request.raw.socket.destroy(),
    );
    return reply.send(lines);
  });
}

/** Each line of the text with its kind; a last line end is no line of its own. */
function tagged(kind: 'o' | 'e', text: string): string {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => `${kind} ${line}\n`).join('');
}

function wordsOf(body: Buffer): string[] {
  return body.toString().split('\0').slice(0, -1);
}
