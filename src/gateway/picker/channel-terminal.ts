import type { SessionChannel } from '../channels/session-channel.ts';
import type { PickerTerminal } from './pick-lab.ts';

/** A number of lines where the client does not know them. */
const USUAL_ROWS = 24;

/** Names of terminals that understand no control sequence; some clients send an empty one. */
const SIMPLE_TERMINALS: readonly string[] = ['dumb', 'unknown', ''];

/** The terminal at the other end of an interactive channel, as its client describes it. */
export function channelTerminal(channel: SessionChannel): PickerTerminal {
  return {
    input: channel.stdin,
    write: (text, taken) => {
      if (!channel.signal.aborted) channel.stdout.write(text, taken);
    },
    size: () => {
      const { pty } = channel;
      // RFC 4254 §6.2: zero means that the client does not know.
      if (pty === undefined || pty.cols === 0 || SIMPLE_TERMINALS.includes(pty.term ?? '')) return undefined;
      return { columns: pty.cols, rows: pty.rows || USUAL_ROWS };
    },
  };
}
