import { expect, test } from 'vitest';
import { Factory } from './harness/factory.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';

const LANES = 3;
const EACH = 60;

/**
 * A command that is over in a moment can send its output, its exit status and its end in one packet. One in a hundred
 * once lost its exit status that way, which ssh reports as 255.
 */
test('commands that are over at once tell their exit status and their output, every time', {
  timeout: 10 * 60_000,
}, async (context) => {
  await using factory = await Factory.start({ labs: { plain: PLAIN_LAB } });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await using _held = await alice.hold();

  const wrong: string[] = [];
  const lane = async (number: number) => {
    for (let i = 0; i < EACH; i += 1) {
      const code = i % 3;
      const { stdout, exitCode } = await alice.exec(`echo ${number}-${i}; exit ${code}`);
      if (stdout !== `${number}-${i}\n` || exitCode !== code)
        wrong.push(`${number}-${i}: ${exitCode}, ${stdout}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  expect(wrong).toEqual([]);
});
