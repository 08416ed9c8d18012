import { expect, test } from 'vitest';
import { typedCommand } from './typed-command.ts';

test.each([
  [{}, 'factory'],
  [{ FACTORY_COMMAND: './factory' }, './factory'],
  [{ npm_command: 'exec' }, 'npx ssh-lab-factory'],
  // A checkout's own, from a script that npm runs.
  [{ FACTORY_COMMAND: './factory', npm_command: 'exec' }, './factory'],
])('%o: %s', (env, typed) => {
  expect(typedCommand({ env })).toBe(typed);
});
