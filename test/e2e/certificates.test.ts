import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HTTP_CHALLENGES } from '../../src/acme/http-challenges.ts';
import { AcmeServer } from './harness/acme-server.ts';
import { Browser, browserInstalled } from './harness/browser.ts';
import { addTraefikArguments } from './harness/cluster-traefik.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { request } from './harness/http-request.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import { PUBLIC_NETWORK_POSSIBLE, PublicNetwork } from './harness/public-network.ts';
import { type ServedCertificate, servedCertificate } from './harness/served-certificate.ts';
import { PROJECT } from './harness/set-up.ts';
import type { SshSession } from './harness/ssh-session.ts';
import type { Student } from './harness/student.ts';
import { deploy } from './harness/web-app.ts';
import { Workspace } from './harness/workspace.ts';

const BY_HTTP = 'alice.lab.test';
const BY_ALPN = `app.${BY_HTTP}`;
const SHORT = `short.${BY_HTTP}`;
/** Of the exercise that the lab k3s has on certificates. */
const SOLUTION = join(PROJECT, 'labs/k3s/solutions/https.sh');
const CERTIFICATE_END = /(?<=-----END CERTIFICATE-----\n)/;

describe.runIf(PUBLIC_NETWORK_POSSIBLE)(
  'certificates that students get by themselves, from an authority that looks from outside',
  () => {
    const stack = new AsyncDisposableStack();
    let network: PublicNetwork;
    /** Whose certificates end in five minutes. */
    let hasty: AcmeServer;
    let authority: AcmeServer;
    let factory: Factory;
    let alice: Student;
    let bob: Student;
    let sessions: readonly SshSession[];

    beforeAll(async () => {
      network = stack.use(await PublicNetwork.start());
      hasty = stack.use(await AcmeServer.start(network, { port: 8443, validity: 300 }));
      authority = stack.use(await AcmeServer.start(network, { beside: hasty }));
      const { directory, root } = authority;
      const acme = { directory, root, email: 'operator@example.org' };
      const groups = [{ name: 'students', members: ['alice', 'bob'], labs: ['k3s'] }];
      const web = { listen: '127.0.0.1:0', tls: 'acme' };
      const config = { routes: network.routes, web, acme, labs: [join(PROJECT, 'labs')], groups };
      factory = stack.use(await Factory.start({ grace: '1s', config }));
      await network.leadTo(factory.endpoints.routes);
      [alice, bob] = [await factory.student('alice'), await factory.student('bob')];
      sessions = await Promise.all([logIn(alice), logIn(bob)]);
      await visit('lab.test', 'Your lab is one command away');
    }, 600_000);
    afterAll(() => stack.disposeAsync());
    beforeEach((context) => {
      factory.showLogOnFailure(context);
      context.onTestFailed(async () => {
        for (const student of [alice, bob]) {
          const log = await kubectl(student, '-n kube-system logs deployment/traefik').catch(String);
          process.stderr.write(`--- ${student.name}'s Traefik ---\n${log}\n`);
        }
        process.stderr.write(`--- the authority ---\n${authority.log}\n`);
      });
    });

    async function logIn(student: Student): Promise<SshSession> {
      const session = stack.use(await student.hold({ timeout: 180_000 }));
      await clusterOfUse(student);
      return session;
    }

    /** Resolves when the authority has given out more than that many. */
    const issues = (before: number, by = authority) =>
      eventually(() => by.issued.length > before, {
        what: 'the authority gives out one more certificate',
      });

    /** As a visitor on the internet sees it, who trusts the authority. */
    const visit = (host: string, says: string) =>
      eventually(
        async () => {
          const at = { host: network.edge, port: 443 };
          const target = { url: `https://${host}/`, at, caFile: authority.root, network: network.namespace };
          return (await request(target)).body.includes(says);
        },
        { what: `https://${host} is trusted and answers ${says}` },
      );

    const served = async (host: string): Promise<ServedCertificate> =>
      servedCertificate(host, factory.endpoints.routes.https, await readFile(authority.root, 'utf8'));

    test("the factory's own name has one by the same authority, which is for that name alone", async () => {
      const { serial, issuer } = await served('lab.test');
      expect(authority.issued).toEqual([serial]);
      expect(issuer).toMatch(/^Pebble Intermediate CA/);
      await expect(served('nobody.lab.test')).rejects.toThrow();
    });

    test.each([
      ['HTTP-01', 'acme-http', BY_HTTP, 'http', 'https'],
      ['TLS-ALPN-01', 'acme-tls', BY_ALPN, 'https', 'http'],
    ] as const)(
      '%s: an Ingress with the resolver %s is all that it takes',
      async (_, resolver, host, tried, other) => {
        const connections = () => Promise.all([network.connections(tried), network.connections(other)]);
        const [before, otherBefore] = await connections();
        const issued = authority.issued.length;
        await deploy(alice, { name: resolver, says: `by ${resolver}`, hosts: [host], resolver });
        await issues(issued);
        const [after, otherAfter] = await connections();
        expect(after, 'the authority came by the public address').toBeGreaterThan(before);
        expect(otherAfter, 'and by no other port').toBe(otherBefore);

        await visit(host, `by ${resolver}`);
        const { serial, issuer } = await served(host);
        expect(serial).toBe(authority.issued.at(-1));
        expect(issuer).toMatch(/^Pebble Intermediate CA/);
      },
    );

    test('a browser shows the page to whoever trusts the authority, and to nobody else', async ({ skip }) => {
      if (!(await browserInstalled())) skip('no Chromium here');
      await using stranger = await Browser.start({ on: network });
      await expect(stranger.open(`https://${BY_HTTP}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
      const [, issuing = ''] = (await readFile(authority.root, 'utf8')).split(CERTIFICATE_END);
      await using browser = await Browser.start({ on: network, trusts: [issuing] });
      const page = await browser.open(`https://${BY_HTTP}/`);
      expect(await page.textContent('body')).toContain('by acme-http');
    });

    test("bob solves the exercise of the lab for his own hosts, and gets no certificate for alice's", async () => {
      const issued = authority.issued.length;
      const hers = await served(BY_HTTP);
      for (const [resolver, host] of [
        ['acme-http', BY_HTTP],
        ['acme-tls', BY_ALPN],
      ] as const) {
        const refused = authority.refused;
        await deploy(bob, { name: `her-${resolver}`, says: 'this is bob', hosts: [host], resolver });
        await eventually(() => authority.refused > refused, {
          what: `the authority refuses bob a certificate for ${host}`,
        });
      }
      expect(authority.issued).toHaveLength(issued);
      expect(await served(BY_HTTP)).toEqual(hers);

      await kubectl(bob, 'delete ingress her-acme-http her-acme-tls');
      await bob.run('sed "s/LAB_HOST/$LAB_HOST/" first-app/ingress.yaml | kubectl apply -f -');
      for (const _ of ['after the first exercise', 'again']) {
        const input = await readFile(SOLUTION, 'utf8');
        expect(await bob.run('bash -s', { input, timeout: 200_000 })).toMatch(
          /^== https:\/\/bob\.lab\.test is trusted .*^== https:\/\/app\.bob\.lab\.test is trusted /ms,
        );
      }
      await visit('bob.lab.test', 'Hostname:');
      await visit('app.bob.lab.test', 'Hostname:');
      expect(authority.issued).toHaveLength(issued + 2);
    });

    test('another client of ACME gets the questions to its orders, where its Ingress goes before the resolver', async () => {
      const host = `cm.${BY_HTTP}`;
      const rules = (path: string) => {
        const backend = { service: { name: 'acme-http', port: { number: 80 } } };
        return [{ host, http: { paths: [{ path, pathType: 'Exact', backend }] } }];
      };
      const solver = (name: string, annotations: object) => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name, annotations },
        spec: { rules: rules(`${HTTP_CHALLENGES}${name}`) },
      });
      const before = { 'traefik.ingress.kubernetes.io/router.priority': '10001' };
      const items = [solver('before', before), solver('behind', {})];
      await kubectl(alice, 'apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      const ask = (name: string) => {
        const at = { host: network.edge, port: 80 };
        return request({ url: `http://${host}${HTTP_CHALLENGES}${name}`, at, network: network.namespace });
      };
      await eventually(async () => (await ask('before')).body.includes('by acme-http'), {
        what: 'the other client is asked',
      });
      expect((await ask('behind')).status).toBe(404);
    });

    test('a resolver of her own: by another authority, in the configuration of her Traefik', async () => {
      const settings = [
        `caserver=${hasty.directory}`,
        'email=alice@example.org',
        'storage=/data/hasty.json',
        'httpchallenge.entrypoint=web',
        // When Traefik has just come up, it is no endpoint of its Service before it is Ready, and the authority finds nobody.
        'httpchallenge.delay=15s',
        // Hours: below a day, what has less than 20 minutes left is renewed.
        'certificatesduration=1',
      ];
      await addTraefikArguments(
        alice,
        settings.map((setting) => `--certificatesresolvers.hasty.acme.${setting}`),
      );
      await deploy(alice, { name: 'short', says: 'not for long', hosts: [SHORT], resolver: 'hasty' });
      await issues(0, hasty);
      await visit(SHORT, 'not for long');
    });

    test.each(['paused', 'exited'] as const)(
      'after the workspace was %s they are the same, and nothing was asked of the authority',
      async (asleep) => {
        const before = [await served(BY_HTTP), await served(BY_ALPN)];
        const orders = authority.orders;
        await Promise.all(sessions.map((session) => session.logOut()));
        const workspace = new Workspace(factory, 'alice');
        await workspace.becomes('paused');
        // By order: a time to be stopped after may be over before a look at what is paused is.
        if (asleep === 'exited') await runFactory(factory.folder, ['workspace', 'stop', 'alice/k3s']);
        await workspace.becomes(asleep);
        await expect(served(BY_HTTP), 'asleep').rejects.toThrow();

        sessions = [await logIn(alice)];
        await visit(BY_HTTP, 'by acme-http');
        await visit(BY_ALPN, 'by acme-tls');
        expect([await served(BY_HTTP), await served(BY_ALPN)]).toEqual(before);
        expect(authority.orders).toBe(orders);
      },
    );

    test('one that was about to end when Traefik came back is renewed, without anybody doing anything', async () => {
      const [first = ''] = hasty.issued;
      const renewed = await eventually(
        async () => {
          const { serial } = await served(SHORT);
          return serial !== first && serial;
        },
        { what: `${SHORT} has another certificate than ${first}` },
      );
      expect(hasty.issued.slice(1)).toContain(renewed);
    });
  },
);
