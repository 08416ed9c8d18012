import { execa } from 'execa';
import { POD } from './pods.ts';
import type { Scene } from './scene.ts';

/** As what, and where, words are typed; `the host` is for controls, and for what anybody can type at its doors. */
export type Place =
  | "root in alice's container"
  | "an ordinary pod in alice's cluster"
  | "a privileged pod in alice's cluster"
  | 'the host';

export const LAB = "root in alice's container" as const;
export const ORDINARY_POD = "an ordinary pod in alice's cluster" as const;
export const PRIVILEGED_POD = "a privileged pod in alice's cluster" as const;
export const HOST = 'the host' as const;
/** Where a student can type. */
export const STUDENTS_PLACES = [LAB, ORDINARY_POD, PRIVILEGED_POD] as const;

export interface Outcome {
  readonly target: string;
  readonly exitCode: number;
  /** Both its outputs, in one line. */
  readonly said: string;
}

/** How long the words for one target may take, with a hundred others at the same time; s. */
const WITHIN = 15;
const SHELL = ['timeout', '180', 'bash', '--norc', '-s'];
/** How long the program that leads to that shell may take; ms. */
const LEADS = 200_000;
/**
 * Of one attempt. Every address of the host with every port on it are hundreds of targets while other tests run, and a place has only so
 * many processes.
 */
const AT_ONCE = 16;
/** Each target takes six at most, and six attempts are made at a time (vitest.config.ts). */
export const PROCESSES_IN_LAB = 6 * 6 * AT_ONCE + 200;

/** Types the words for every target, many at once. */
export async function typeIn(
  place: Place,
  words: (target: string) => string,
  targets: readonly string[],
  scene: Scene,
): Promise<readonly Outcome[]> {
  const printed = await runScript(place, scriptOf(targets.map(words)), scene);
  return targets.map((target, index) => {
    const line = printed.split('\n').find((each) => each.startsWith(`${index} `));
    const [, code, said = ''] = line?.match(/^\d+ (\d+) ?(.*)$/) ?? [];
    if (code === undefined) throw new Error(`nothing came of ${words(target)} in ${place}:\n${printed}`);
    return { target, exitCode: Number(code), said };
  });
}

async function runScript(place: Place, script: string, { alice }: Scene): Promise<string> {
  switch (place) {
    case LAB:
      return alice.run(`sudo ${SHELL.join(' ')}`, { input: script, timeout: LEADS });
    case ORDINARY_POD:
      return alice.run(`kubectl exec -i ${POD.ordinary} -- ${SHELL.join(' ')}`, {
        input: script,
        timeout: LEADS,
      });
    case PRIVILEGED_POD:
      return alice.run(`kubectl exec -i ${POD.privileged} -- ${SHELL.join(' ')}`, {
        input: script,
        timeout: LEADS,
      });
    default: {
      const [file = '', ...args] = SHELL;
      return (await execa(file, args, { input: script, timeout: LEADS })).stdout;
    }
  }
}

/** Prints a line for each: its place in the list, its exit status, what it said. */
function scriptOf(words: readonly string[]): string {
  const each = words.map(
    (line, index) =>
      `${index < AT_ONCE ? '' : 'wait -n; '}( said=$(timeout -k 1 ${WITHIN} bash -c ${quoted(line)} 2>&1 </dev/null | tr '\\0\\n' '  '; exit "\${PIPESTATUS[0]}"); echo "${index} $? $said" ) &`,
  );
  return `${each.join('\n')}\nwait\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
