import { expect, test } from 'vitest';
import { resetAdvice } from './cluster-advice.ts';

const destination = { login: 'alice', host: 'lab.example.org', port: 22 };

test('what a new cluster would mend is offered one, and nothing else', () => {
  expect(resetAdvice({ code: 'CLUSTER_FAILED' }, destination)).toBe(
    ' If it does not come back, make a new one: ssh -t alice@lab.example.org -- @reset cluster',
  );
  expect(resetAdvice({ code: 'DISK_NEARLY_FULL' }, destination)).toBe('');
});
