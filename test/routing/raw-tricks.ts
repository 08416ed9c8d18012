import { clientHello, type HelloOptions } from './client-hello.ts';
import { readAnswers } from './http-answers.ts';
import { type Http2Request, http2Connection, readHttp2 } from './http2-frames.ts';
import { RawConnection } from './raw-connection.ts';
import type { Stage } from './trick.ts';

type Hosts = { readonly alice: string; readonly bob: string };

/** A request line and its fields as bytes. `host` is the whole field's value. */
export function get(host: string, ...fields: readonly string[]): string {
  return ['GET / HTTP/1.1', `Host: ${host}`, ...fields, '', ''].join('\r\n');
}

/**
 * Plays raw bytes against the HTTP port: waits for the first answer, then asks on the same connection for alice in the ordinary
 * way and that it be closed. So the last answer is alice's where the connection was still good, and `closed` where it was not.
 */
export function raw(write: (hosts: Hosts) => string, port: 'http' | 'https' | 'kube' = 'http') {
  return async (stage: Stage): Promise<readonly string[]> => {
    using connection = await RawConnection.to(stage.ports[port]);
    await connection.send(write({ alice: stage.alice.host, bob: stage.bob.host }));
    const first = await connection.received((bytes) => readAnswers(bytes, false).length > 0);
    if (!first.open) return [...answersIn(first.bytes, stage), 'closed'];
    if (readAnswers(first.bytes, false).length === 0) return ['hangs'];
    await connection.send(get(stage.alice.host, 'Connection: close'));
    const { bytes, open } = await connection.received(() => false);
    const answers = answersIn(bytes, stage);
    const asked = readAnswers(bytes, true).length > readAnswers(first.bytes, true).length;
    if (open) return [...answers, 'hangs'];
    return asked && answers.at(-1) === 'alice'
      ? [...answers.slice(0, -1), 'goes on']
      : [...answers, 'closed'];
  };
}

/** Plays a ClientHello, of which the answer is who got it: our backends say that at once, in plain. */
export function hello(
  write: (hosts: Hosts) => HelloOptions,
  { port = 'https', chunk = 16_384 }: { port?: 'http' | 'https' | 'kube'; chunk?: number } = {},
) {
  return async (stage: Stage): Promise<readonly string[]> => {
    const bytes = clientHello(write({ alice: stage.alice.host, bob: stage.bob.host }));
    return await sendTls(stage, port, bytes, chunk);
  };
}

/** Plays bytes against a TLS port, `chunk` of them at a time. */
export async function sendTls(
  stage: Stage,
  port: 'http' | 'https' | 'kube',
  bytes: Buffer,
  chunk = bytes.length,
): Promise<readonly string[]> {
  using connection = await RawConnection.to(stage.ports[port]);
  for (let at = 0; at < bytes.length; at += chunk) await connection.send(bytes.subarray(at, at + chunk));
  const answer = await connection.received(() => false);
  return answer.open ? ['hangs'] : [tlsAnswer(answer.bytes, stage)];
}

/** Level 2 is fatal (RFC 8446 §6). */
function tlsAnswer(bytes: Buffer, stage: Stage): string {
  const text = bytes.toString('latin1');
  if (text === '') return 'closed';
  if (bytes[0] === 21 && bytes[5] === 2) return `alert ${bytes[6]}`;
  const plain = readAnswers(bytes, true)[0];
  if (plain !== undefined) return String(plain.status);
  return whoIs(text, stage) ?? JSON.stringify(text);
}

function answersIn(bytes: Buffer, stage: Stage): string[] {
  const answers = readAnswers(bytes, true);
  if (answers.length === 0 && bytes.length > 0)
    return [JSON.stringify(bytes.toString('latin1').slice(0, 80))];
  return answers.map(({ status, body }) => {
    const who = whoIs(body, stage);
    if (who === undefined) return String(status);
    return status === 200 ? who : `${who} ${status}`;
  });
}

export function whoIs(nonce: string, { alice, bob }: Stage): 'alice' | 'bob' | undefined {
  if (nonce === alice.backend.nonce) return 'alice';
  return nonce === bob.backend.nonce ? 'bob' : undefined;
}

/** Plays HTTP/2 over cleartext with prior knowledge (RFC 9113 §3.3) against the HTTP port: an answer for each stream. */
export function http2(write: (hosts: Hosts) => readonly Http2Request[]) {
  return async (stage: Stage): Promise<readonly string[]> => {
    using connection = await RawConnection.to(stage.ports.http);
    const requests = write({ alice: stage.alice.host, bob: stage.bob.host });
    await connection.send(http2Connection(requests));
    const { bytes } = await connection.received((sofar) => readHttp2(sofar).ended === requests.length);
    const streams = [...readHttp2(bytes).streams].sort(([one], [other]) => one - other);
    return streams.map(([, { status, body, reset }]) =>
      reset === undefined ? (whoIs(body, stage) ?? status) : `reset ${reset}`,
    );
  };
}
