import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { AcmeServer } from '../e2e/harness/acme-server.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { clusterOfUse } from '../e2e/harness/kubectl.ts';
import { PUBLIC_NETWORK_POSSIBLE, PublicNetwork } from '../e2e/harness/public-network.ts';
import { servedCertificate } from '../e2e/harness/served-certificate.ts';
import { deploy } from '../e2e/harness/web-app.ts';

const HOST = 'alice.lab.test';
/** Traefik looks once a minute where certificates last less than a day. */
const RENEWALS = 2;

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

test.runIf(PUBLIC_NETWORK_POSSIBLE)(
  'certificates are renewed while the cluster runs, and nobody sees one that is not valid',
  async (context) => {
    const network = stack.use(await PublicNetwork.start());
    const authority = stack.use(await AcmeServer.start(network, { validity: 300 }));
    const { directory, root } = authority;
    const acme = { directory, root, email: 'operator@example.org', lifetime: '1h' };
    const factory = stack.use(await Factory.start({ config: { routes: network.routes, acme } }));
    factory.showLogOnFailure(context);
    await network.leadTo(factory.endpoints.routes);
    const alice = await factory.student('alice');
    stack.use(await alice.hold({ timeout: 120_000 }));
    await clusterOfUse(alice);
    await deploy(alice, { name: 'app', says: 'hello', hosts: [HOST], resolver: 'acme-http' });

    const ca = await readFile(root, 'utf8');
    const serial = async () => (await servedCertificate(HOST, factory.endpoints.routes.https, ca)).serial;
    const seen = [await eventually(serial, { what: 'the first certificate', within: 120_000 })];
    const refused: unknown[] = [];
    const another = async () => {
      // Rejects for a certificate that has ended or is not trusted.
      const now = await serial().catch((error: unknown) => void refused.push(error));
      return typeof now === 'string' && now !== seen.at(-1) && now;
    };
    for (let count = 0; count < RENEWALS; count++)
      seen.push(await eventually(another, { what: 'another certificate', within: 150_000 }));
    expect(refused).toEqual([]);
    expect(seen).toEqual(authority.issued);
  },
);
