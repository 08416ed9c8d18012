import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { expect, test } from 'vitest';
import { startNameServer } from '../testing/name-server.ts';
import { sshfpRecords } from './sshfp-records.ts';

const NAME = 'lab.example.org';
const FINGERPRINT = 'ab'.repeat(32);
const never = new AbortController().signal;

/** A name server that answers with what `reply` makes of the question. */
async function startLiar(reply: (query: Buffer) => readonly Buffer[]) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    for (const message of reply(query)) socket.send(message, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

test('the records of a name, behind an alias too; none, and a server that fails', async () => {
  await using server = await startNameServer(
    `${NAME}. 300 IN SSHFP 4 2 ${FINGERPRINT}`,
    `${NAME}. 300 IN SSHFP 1 1 ${'cd'.repeat(20)}`,
    `ssh.example.org. 300 IN CNAME ${NAME}.`,
  );
  const records = [
    { algorithm: 4, hash: 2, fingerprint: FINGERPRINT },
    { algorithm: 1, hash: 1, fingerprint: 'cd'.repeat(20) },
  ];
  for (const name of [NAME, 'ssh.example.org']) {
    const answer = await sshfpRecords([server.address], name, never);
    expect(answer).toEqual({ kind: 'answered', records, isSigned: false });
  }
  const none = { kind: 'answered', records: [] };
  expect(await sshfpRecords([server.address], 'nobody.example.org', never)).toMatchObject(none);
  server.broken.add(NAME);
  const failed = { kind: 'failed', isServerFailure: true };
  expect(await sshfpRecords([server.address], NAME, never)).toMatchObject(failed);
});

test('garbage, the answer to another question and half an answer are none', async () => {
  await using garbage = await startLiar(() => [Buffer.from('no DNS')]);
  expect(await sshfpRecords([garbage.address], NAME, never)).toMatchObject({ kind: 'failed' });

  await using truncating = await startLiar((query) => [
    encode({
      type: 'response',
      id: decode(query).id,
      flags: TRUNCATED_RESPONSE,
      questions: decode(query).questions,
    }),
  ]);
  expect(await sshfpRecords([truncating.address], NAME, never)).toMatchObject({
    kind: 'failed',
    reason: 'there are too many records',
  });

  await using late = await startLiar((query) => {
    const { id = 0, questions } = decode(query);
    const data = { algorithm: 4, hash: 2, fingerprint: FINGERPRINT };
    const answers = [{ type: 'SSHFP', name: NAME, data } as const];
    return [
      encode({ type: 'response', id: (id + 1) % 0x1_0000, questions, answers }),
      encode({ type: 'response', id, questions }),
    ];
  });
  expect(await sshfpRecords([late.address], NAME, never)).toMatchObject({ kind: 'answered', records: [] });
});

test('who is silent is given up in time, the next server is asked, and nobody is when told so', async () => {
  await using silent = await startLiar(() => []);
  await using server = await startNameServer(`${NAME}. 300 IN SSHFP 4 2 ${FINGERPRINT}`);
  expect(await sshfpRecords([silent.address, server.address], NAME, never)).toMatchObject({
    kind: 'answered',
    records: [{ algorithm: 4 }],
  });
  const expected = { kind: 'failed', reason: 'no answer in time' };
  const stop = AbortSignal.timeout(50);
  expect(await sshfpRecords([silent.address], NAME, stop)).toMatchObject(expected);
});
