import { expect, test } from 'vitest';
import { exitCodeFor } from '../cli/exit-codes.ts';
import { dataFolderFailure } from '../data-folder/data-folder-failure.ts';
import { listenFailure } from './listen-failure.ts';

const refusal = (code: string) => Object.assign(new Error(`${code}: said the system`), { code });

/** As systemd sees it: 78 is not tried again. */
const statuses = (code: string) => [
  exitCodeFor(dataFolderFailure('The data folder can not be made', refusal(code)).code),
  exitCodeFor(listenFailure('The gateway cannot listen there.', refusal(code)).code),
];

test.each(['EACCES', 'EROFS', 'ENOENT', 'ENOTDIR'])('%s is mended by a person: not tried again', (code) => {
  expect(statuses(code)).toEqual([78, 78]);
});

test.each([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'ESTALE',
  'EMFILE',
  'ENOMEM',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
])('%s may pass: tried again', (code) => {
  expect(statuses(code)).toEqual([1, 1]);
});

test('the operator is shown what the system said', () => {
  expect(dataFolderFailure('The data folder can not be made', refusal('ENOSPC'))).toMatchObject({
    code: 'DATA_FOLDER_UNAVAILABLE',
    detail: 'ENOSPC: said the system',
  });
});
