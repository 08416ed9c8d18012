import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ask } from './ask.ts';

const never = new AbortController().signal;

function streams(...text: string[]) {
  const input = new PassThrough();
  for (const part of text) input.write(part);
  input.end();
  return { input, output: new PassThrough() };
}

test.each([
  ['alice/k3s', streams('alice/k3s\n')],
  ['alice/k3s', streams('ali', 'ce/k3s\nmore\n')],
  ['without a line break', streams('without a line break')],
  ['', streams('\n')],
  [undefined, streams()],
])('%j', async (answer, { input, output }) => {
  expect(await ask('? ', { input, output }, never)).toBe(answer);
  expect(output.read()?.toString()).toContain('? ');
});

test('a person who is asked may press Ctrl-C instead', async () => {
  const stop = new AbortController();
  const asked = ask('? ', { input: new PassThrough(), output: new PassThrough() }, stop.signal);
  stop.abort();
  await expect(asked).rejects.toThrow();
});
