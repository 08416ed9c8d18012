import { expect, test } from 'vitest';
import { PUBLIC_CHECKS } from '../../src/doctor/checks.ts';
import { type AcmeServer, directoryAnswer, startAcmeServer } from '../../src/doctor/testing/acme-server.ts';
import { type NameServer, startNameServer } from '../../src/doctor/testing/name-server.ts';
import { type Examination, examine } from './harness/doctor.ts';
import { Factory } from './harness/factory.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { freePort } from './harness/taken-port.ts';

const DOMAIN = 'lab.example.org';

interface Place extends AsyncDisposable {
  readonly factory: Factory;
  readonly acme: AcmeServer;
  readonly names: NameServer;
  readonly ssh: number;
  readonly kube: number;
  /** Asks that name server, or another one. */
  look(resolver?: string): Promise<Examination>;
}

/** A factory that runs, on the loopback, with name server and ACME server of its own. */
async function makePlace(): Promise<Place> {
  const stack = new AsyncDisposableStack();
  const acme = stack.use(await startAcmeServer());
  const names = stack.use(await startNameServer());
  const [ssh, kube, http] = [await freePort(), await freePort(), await freePort()];
  const factory = stack.use(
    await Factory.start({
      domain: DOMAIN,
      labs: { plain: PLAIN_LAB },
      config: {
        acme: { directory: acme.directory, root: acme.root },
        ssh: { listen: `127.0.0.1:${ssh}` },
        routes: { http: `127.0.0.1:${http}`, https: '127.0.0.1:0', kube: `127.0.0.1:${kube}` },
      },
    }),
  );
  return {
    ...{ factory, acme, names, ssh, kube },
    look: (resolver = names.address) => examine(factory.folder, {}, ['--dns', '--resolver', resolver]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('the public side of a factory that runs, mended by what the doctor says', async () => {
  await using place = await makePlace();
  const { names, acme, ssh, kube, look } = place;

  const plain = await examine(place.factory.folder);
  expect(plain.findings.map(({ check }) => check)).not.toContain('dns');
  expect(names.asked).toEqual([]);

  const bare = await look();
  expect(bare.findings.map(({ check }) => check).slice(-Object.keys(PUBLIC_CHECKS).length)).toEqual(
    Object.keys(PUBLIC_CHECKS),
  );
  expect(bare.finding('dns')).toMatchObject({
    verdict: 'wrong',
    text: expect.stringContaining(`${DOMAIN} has no address`),
  });
  const records = bare.finding('host-keys').details.filter((line) => line.startsWith(`${DOMAIN}. `));
  expect(records).toHaveLength(2);
  expect(bare.finding('public-ports')).toMatchObject({ verdict: 'skipped' });
  expect(bare.finding('acme')).toMatchObject({ verdict: 'right' });
  expect(bare.finding('certificates')).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('ends on'),
  });
  expect(bare.code).toBe(1);

  // This host has no public address to put in; the tests' factory is on the loopback.
  const lines = bare.finding('dns').remedy.map((line) => line.replace(/ A .*/, ' A 127.0.0.1'));
  expect(lines.map((line) => line.split(' ')[0])).toEqual([`${DOMAIN}.`, `*.${DOMAIN}.`]);
  names.zone.push(...lines, ...records, `${DOMAIN}. 300 IN CAA 0 issue "other.example"`);
  acme.answer = directoryAnswer({}, new Date(Date.now() + 3_600_000));
  const pasted = await look();
  expect(pasted.finding('dns')).toMatchObject({
    verdict: 'right',
    text: expect.stringContaining('127.0.0.1'),
  });
  expect(pasted.finding('acme')).toMatchObject({
    verdict: 'wrong',
    // By how much the answer is ahead when it is given: the doctor takes its time until it asks.
    text: expect.stringMatching(/\b(?:5\d|60) min behind/),
  });
  expect(pasted.finding('sshfp')).toMatchObject({
    verdict: 'right',
    text: expect.stringContaining('2 host keys are right'),
  });
  expect(pasted.finding('caa')).toMatchObject({ verdict: 'wrong' });
  const ports = pasted.finding('public-ports').text;
  // Its own door for SSH and that of the kube API were found to be its own; 80 is where nobody brings it.
  expect(ports).not.toContain(String(ssh));
  expect(ports).not.toContain(String(kube));
  expect(ports).toMatch(/127\.0\.0\.1:80\b/);

  const [first = ''] = names.zone.splice(names.zone.indexOf(records[0] ?? ''), 1);
  names.zone.push(`${first.slice(0, -64)}${'00'.repeat(32)}`);
  names.zone.push(...pasted.finding('caa').remedy, `*.${DOMAIN}. 300 IN AAAA ::1`);
  acme.answer = directoryAnswer();
  const mended = await look();
  expect(mended.finding('caa')).toMatchObject({ verdict: 'right' });
  expect(mended.finding('sshfp')).toMatchObject({
    verdict: 'wrong',
    remedy: expect.arrayContaining([first]),
  });
  expect(mended.finding('acme')).toMatchObject({ verdict: 'right' });
  expect(mended.finding('dns')).toMatchObject({
    verdict: 'wrong',
    text: expect.stringContaining('IPv4 alone'),
  });

  await place.factory.kill();
  expect((await look()).finding('public-ports')).toMatchObject({
    verdict: 'doubtful',
    text: expect.stringContaining('no factory runs here'),
  });

  const nowhere = `127.0.0.1:${await freePort()}`;
  const dead = await look(nowhere);
  expect(dead.finding('dns')).toMatchObject({
    verdict: 'wrong',
    text: `no name server answers (${nowhere}: nobody answers)`,
  });
  for (const check of ['name-servers', 'caa', 'public-ports']) {
    expect(dead.finding(check)).toMatchObject({
      verdict: 'skipped',
      text: expect.stringContaining('no name server'),
    });
  }
});
