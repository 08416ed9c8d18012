import type { Terminal } from '../../harness/terminal.ts';
import { GRACE, type Place, type Stay, stay, type Way } from '../way.ts';

const PROMPT = /\$ $/;
const CONTROL = { c: '\x03', d: '\x04', s: '\x13' } as const;

/** By what is typed at the prompt of a login shell. */
function typed(name: string, ...keys: readonly string[]): Way {
  return {
    name,
    come: async (place) =>
      stay(await atThePrompt(place), async (window) => {
        for (const key of keys) window.type(key);
        await window.ended();
      }),
  };
}

export async function atThePrompt({ student }: Place): Promise<Terminal> {
  const window = student.terminal();
  await window.shows(PROMPT);
  return window;
}

const interruptedLogout: Way = {
  name: '^C ten times while the shell logs out',
  come: async (place) => {
    await place.student.run("printf 'echo logging out; sleep 1; echo done\\n' >~/.bash_logout");
    return stay(await atThePrompt(place), async (window) => {
      window.type('logout\r');
      await window.shows('logging out');
      for (let i = 0; i < 10; i += 1) window.type(CONTROL.c);
      await window.ended();
    });
  },
  comeBack: async ({ student }) => {
    await student.run('rm ~/.bash_logout');
  },
};

/** Output is stopped, which is no disconnect however long it takes; ms. */
export function heldTerminal(duration: number): Way {
  return {
    name: `a terminal held with ^S for ${duration / 1_000} s, then closed`,
    come: async (place): Promise<Stay> => {
      const window = await atThePrompt(place);
      window.type('yes still here\r');
      await window.shows(/(still here\s+){10}/);
      window.type(CONTROL.s);
      return stay(window, (closing) => closing[Symbol.asyncDispose](), { lasts: duration });
    },
  };
}

export const AT_THE_KEYBOARD: readonly Way[] = [
  typed('exit', 'exit\r'),
  typed('logout', 'logout\r'),
  typed('^D', CONTROL.d),
  typed('~.', '~.'),
  {
    name: 'the window closed',
    come: async (place) => stay(await atThePrompt(place), (window) => window[Symbol.asyncDispose]()),
  },
  interruptedLogout,
  heldTerminal(4 * GRACE),
];
