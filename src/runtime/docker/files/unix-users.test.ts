import { expect, test } from 'vitest';
import { parsePasswd } from './unix-users.ts';

test('each user has ids, the first line of a name counts, and what is no line is left out', () => {
  const users = parsePasswd(
    'root:x:0:0:root:/root:/bin/sh\nlab:*:1000:1001::/home/lab:\nlab:x:0:0::/:\n# bob:x:1:1::/:\nbroken:x:y:1:::\n\n+::::::',
  );
  expect([...users]).toEqual([
    ['root', { uid: 0, gid: 0 }],
    ['lab', { uid: 1000, gid: 1001 }],
  ]);
});
