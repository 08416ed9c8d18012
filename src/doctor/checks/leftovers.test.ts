import { expect, test } from 'vitest';
import { INSTANCE, inventoryOf, keyOf, type Thing } from '../../inventory/testing/holdings.ts';
import type { LabName } from '../../names/lab-name.ts';
import type { Judgement } from '../judgement.ts';
import { judgeLeftovers, type SeenLeftovers } from './leftovers.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const ALICE: readonly Thing[] = ['container', 'node', 'home', 'network', 'k3d network'];
const TRAEFIK = { kind: 'container', name: 'traefik', role: 'traefik' } as const;

function judge(inventory: SeenLeftovers['inventory'], more: Partial<SeenLeftovers> = {}): Judgement {
  const seen = { instance: INSTANCE, inventory, creations: [], running: false, now: NOW, ...more };
  return judgeLeftovers(seen, (lab: LabName) => lab === 'k3s');
}

test('whole workspaces and Traefik are no leftovers', () => {
  expect(judge(inventoryOf({}))).toMatchObject({ verdict: 'right' });
  expect(judge(inventoryOf({ 'alice/k3s': ALICE }, [TRAEFIK]))).toMatchObject({
    verdict: 'right',
    text: 'none beside 1 workspace',
  });
});

test('home and network of nobody are named, with what removes them', () => {
  const found = judge(inventoryOf({ 'alice/k3s': ALICE, 'bob/k3s': ['home', 'network'] }));
  expect(found).toMatchObject({
    verdict: 'doubtful',
    remedy: ['./factory gc', './factory gc --homes   # with all files of its owner in it'],
  });
  expect(found.text).toContain('the home of bob/k3s');
  expect(found.text).not.toContain('alice');
});

test('so are a workspace of a lab that is gone, a creation that was cut off, and a doctor that was killed', () => {
  const old = inventoryOf({ 'alice/old': ['container'] });
  expect(judge(old)).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('no lab "old"'),
    remedy: ['./factory purge --workspace alice/old   # its home stays'],
  });
  expect(judge(old, { running: true })).toMatchObject({
    remedy: ['./factory workspace delete alice/old   # its home stays'],
  });
  expect(judge(inventoryOf({}), { creations: [keyOf('carol/k3s')] })).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('carol/k3s'),
  });
  const killed = { kind: 'container', name: 'doctor.1', role: 'doctor' } as const;
  expect(judge(inventoryOf({}, [killed]))).toMatchObject({ verdict: 'doubtful', remedy: ['./factory gc'] });
});

test('what a running factory is just making is not judged', () => {
  const young = inventoryOf({ 'bob/k3s': ['home'] }, [], NOW - 1_000);
  expect(judge(young, { running: true })).toMatchObject({ verdict: 'right' });
  const creating = inventoryOf({ 'bob/k3s': ['k3d network'] });
  expect(judge(creating, { running: true, creations: [keyOf('bob/k3s')] })).toMatchObject({
    verdict: 'right',
  });
  expect(judge(creating, { running: true })).toMatchObject({ verdict: 'doubtful' });
});
