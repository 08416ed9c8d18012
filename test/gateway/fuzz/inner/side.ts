import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labNamed } from '../../../../src/labs/testing/lab-named.ts';
import { type GatewayUnderTest, PATIENT } from '../../gateway-under-test.ts';
import { withInnerServer } from '../inner-server.ts';
import type { Played, Side } from '../side.ts';
import { Attacked } from './attacked.ts';
import { Bystander } from './bystander.ts';
import { HostileServer } from './hostile-server.ts';
import { Marks } from './marks.ts';
import { serverStreamOf } from './server-stream.ts';
import { Student } from './student.ts';

/** Hostile servers in the containers, against the gateway's inner hop. */
export function serverStreams(): Side {
  const marks = new Marks();
  return {
    setup: {
      // Streams that end in silence take that long. No end of a server's is to end its student's connection.
      limits: { innerReady: 3_000, innerAnswer: 3_000, innerRekey: 3_000, restoreTries: Infinity },
      // Each student has a lab of their own.
      resolve: ({ user, lab: name }) => {
        const lab = labNamed(name ?? 'k3s');
        return { kind: 'lab', key: { user, lab: lab.name }, lab, others: [] };
      },
      // One that repeats what it is told.
      door: ({ lab }, stream) => {
        stream.on('error', () => {});
        stream.on('data', (bytes: Buffer) => marks.look(lab, bytes));
        stream.pipe(stream);
      },
    },
    corpus: join(import.meta.dirname, 'corpus'),
    streamOf: serverStreamOf,
    start: (it, atOnce) => start(it, atOnce, marks),
  };
}

async function start(it: GatewayUnderTest, atOnce: number, marks: Marks): Promise<Played> {
  const login = {
    host: '127.0.0.1',
    port: it.gateway.address.port,
    privateKey: await readFile(join(it.folder, 'id'), 'utf8'),
    keepaliveInterval: 0,
    ...PATIENT,
  };
  const hostKey = await readFile(join(it.folder, 'inner_host_key'), 'utf8');
  const servers = new Map<string, HostileServer>();
  const free: Attacked[] = [];
  const honest = await withInnerServer(it);
  const openHonest = it.workspaces.openSshd;
  it.workspaces.openSshd = async (signal, key) => {
    const server = servers.get(key.lab);
    return server === undefined
      ? await openHonest(signal, key)
      : { stream: server.open(), diagnostics: () => '' };
  };
  for (let n = 0; n < atOnce; n++) {
    const name = `lab${n}`;
    const mark = marks.create(name);
    const look = (bytes: Buffer): void => marks.look(name, bytes);
    const server = await HostileServer.start({ path: join(it.folder, `${name}.sock`), hostKey, mark, look });
    // Ahead of the login, after which the gateway connects.
    servers.set(name, server);
    const student = await Student.logIn({ ...login, username: `alice/${name}` }, mark, look);
    free.push(new Attacked(student, server));
  }
  const bystander = await Bystander.logIn(
    { ...login, username: 'alice/bystander' },
    marks.create('bystander'),
  );
  return {
    play: async (stream) => {
      const one = free.pop();
      if (one === undefined) throw new Error('more streams at once than students');
      try {
        await Promise.all([one.play(stream), bystander.expectEcho()]);
        marks.expectNoneAstray();
      } finally {
        free.push(one);
      }
    },
    get report() {
      const all = [...servers.values()];
      const sent = all.reduce((sum, server) => sum + server.sent, 0);
      const exchanges = all.reduce((sum, server) => sum + server.exchanges, 0);
      return { sent, exchanges, ...bystander.report };
    },
    [Symbol.asyncDispose]: async () => {
      bystander.end();
      for (const { student } of free) student.end();
      for (const server of servers.values()) await server[Symbol.asyncDispose]();
      await honest[Symbol.asyncDispose]();
    },
  };
}
