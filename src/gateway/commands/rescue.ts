import { orAborted } from '../../time/or-aborted.ts';
import { followProgress } from '../../waiting/follow-progress.ts';
import type { ExecStream } from '../../workspaces/ports/runtime.ts';
import type { Exit } from '../channels/exit.ts';
import type { CommandContext, GatewayCommand } from './gateway-command.ts';

const LOGIN_SHELL = 'if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi';

/** A shell, or one command, in the container without its SSH server. */
export const rescueCommand: GatewayCommand = {
  name: '@rescue',
  summary: 'a shell in the container when its SSH server is broken (or: @rescue <command>)',
  async run(context) {
    const { channel } = context;
    await containerReady(context);
    const command = ['/bin/sh', '-c', context.rest === '' ? LOGIN_SHELL : context.rest];
    const pty = channel.pty && {
      columns: channel.pty.cols,
      rows: channel.pty.rows,
      term: channel.pty.term,
    };
    const stream = await context.lease.exec(command, pty, channel.signal);
    return await join(context, stream);
  },
};

async function containerReady({ lease, channel, note }: CommandContext): Promise<void> {
  using _progress = followProgress(lease, 'container', note);
  await lease.containerReady(channel.signal);
}

async function join({ channel, lease }: CommandContext, stream: ExecStream): Promise<Exit> {
  const close = (): void => stream.close();
  channel.signal.addEventListener('abort', close);
  try {
    if (channel.signal.aborted) close();
    channel.onResize(({ cols, rows }) => {
      // The terminal has its old size then; not worth ending a rescue for.
      stream.resize(cols, rows).catch(() => {});
    });
    for (const each of [stream.stdin, stream.stdout, stream.stderr]) each.on('error', close);
    channel.stdin.on('data', () => lease.noteInput());
    channel.stdin.pipe(stream.stdin);
    stream.stdout.pipe(channel.stdout, { end: false });
    stream.stderr.pipe(channel.stderr, { end: false });
    return { kind: 'status', code: await orAborted(stream.exit(), channel.signal) };
  } finally {
    channel.signal.removeEventListener('abort', close);
    channel.stdin.unpipe(stream.stdin);
    stream.close();
  }
}
