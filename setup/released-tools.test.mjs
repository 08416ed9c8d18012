import { expect, test } from 'vitest';
import { publishedSum } from './released-tools.mjs';

const sum = 'a'.repeat(64);
const other = 'b'.repeat(64);

test.each([
  ['a sum alone', `${sum}\n`],
  ['what sha256sum prints', `${sum}  k3d-linux-amd64\n`],
  ['a list with folders', `${other}  _dist/k3d-linux-arm64\n${sum}  _dist/k3d-linux-amd64\n`],
])('finds the published sum in %s', (_, text) => {
  expect(publishedSum(text, 'k3d-linux-amd64')).toBe(sum);
});

test('an error page has no sum', () => {
  expect(() => publishedSum('<html>Not Found</html>', 'kubectl')).toThrow('no published sha256');
});
