import { expect, test } from 'vitest';
import { seeDns } from './dns.ts';
import type { KubeApi } from './kube-api.ts';

const LIST = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns';
const READY = '/api/v1/namespaces/kube-system/pods/coredns-1:8181/proxy/ready';
const signal = AbortSignal.timeout(30_000);

const pod = (name: string, path = '/ready') => ({
  metadata: { name },
  spec: { containers: [{ readinessProbe: { httpGet: { path, port: 8181, scheme: 'HTTP' } } }] },
});

/** An API with these answers; any other question has none. */
function api(answers: Readonly<Record<string, string>>): KubeApi & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: async (path) => {
      asked.push(path);
      return answers[path];
    },
  };
}

test.each([
  ['an API that does not answer', {}, undefined],
  ['no pods', { [LIST]: '{"items":[]}' }, { count: 0, answers: false }],
  [
    'a pod that serves',
    { [LIST]: JSON.stringify({ items: [pod('coredns-1')] }), [READY]: 'OK' },
    { count: 1, answers: true },
  ],
  [
    'a pod that does not',
    { [LIST]: JSON.stringify({ items: [pod('coredns-1')] }) },
    { count: 1, answers: false },
  ],
  [
    'two, one serves',
    { [LIST]: JSON.stringify({ items: [pod('coredns-0'), pod('coredns-1')] }), [READY]: '' },
    { count: 2, answers: true },
  ],
  ['no JSON', { [LIST]: '<html>' }, { count: 0, answers: false }],
])('%s', async (_, answers, seen) => {
  const found = await seeDns(api(answers), signal);
  expect(found && { count: found.count, answers: found.answers }).toEqual(seen);
});

test('asks nothing at an address that leads out of the pod', async () => {
  const hostile = [pod('coredns-1', '/../../../secrets'), pod('../secrets')];
  const asked = api({ [LIST]: JSON.stringify({ items: hostile }) });
  await seeDns(asked, signal);
  expect(asked.asked).toEqual([LIST]);
});
