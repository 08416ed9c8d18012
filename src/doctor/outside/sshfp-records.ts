import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { on, once } from 'node:events';
import { isIPv6, SocketAddress } from 'node:net';
import { AUTHENTIC_DATA, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { Sshfp } from '../../gateway/keys/published-host-keys.ts';
import { type DnsAnswer, QUESTION_LIMIT, TRIES, TRY_LIMIT } from './dns.ts';

/** `isSigned`: the server has checked them by DNSSEC (RFC 6840 §5.7); ssh(1) takes no others without asking. */
export type SshfpAnswer =
  | { readonly kind: 'answered'; readonly records: readonly Sshfp[]; readonly isSigned: boolean }
  | Extract<DnsAnswer<never>, { kind: 'failed' }>;

const MOST_SERVERS = 2;
/** RFC 1035 §4.2 */
const DNS_PORT = 53;
/** Bytes that reach everybody in one piece; some 25 records. */
const LONGEST_ANSWER = 1_232;

/** Node can not ask for them. `servers`: "192.0.2.53", "127.0.0.1:5353". Ends within `QUESTION_LIMIT`, and never rejects. */
export async function sshfpRecords(
  servers: readonly string[],
  name: string,
  signal: AbortSignal,
): Promise<SshfpAnswer> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(QUESTION_LIMIT)]);
  const asked = servers.slice(0, MOST_SERVERS);
  let answer: SshfpAnswer = failed('no name server is known');
  for (const server of Array.from({ length: TRIES }, () => asked).flat()) {
    if (limited.aborted) break;
    answer = await askOne(server, name, AbortSignal.any([limited, AbortSignal.timeout(TRY_LIMIT)]));
    if (answer.kind === 'answered') break;
  }
  return answer;
}

async function askOne(server: string, name: string, signal: AbortSignal): Promise<SshfpAnswer> {
  const place = placeOf(server);
  const id = randomInt(0x1_0000);
  const socket = createSocket(isIPv6(place.address) ? 'udp6' : 'udp4');
  socket.on('error', () => {});
  try {
    socket.connect(place.port, place.address);
    await once(socket, 'connect', { signal });
    socket.send(question(id, name));
    return read(await replyTo(id, socket, signal));
  } catch (error) {
    return failed(signal.aborted ? 'no answer in time' : reasonOf(error));
  } finally {
    socket.close();
  }
}

function placeOf(server: string): { readonly address: string; readonly port: number } {
  const { address = server, port = 0 } = (isIPv6(server) ? undefined : SocketAddress.parse(server)) ?? {};
  return { address, port: port === 0 ? DNS_PORT : port };
}

function question(id: number, name: string): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type: 'SSHFP', name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: LONGEST_ANSWER,
        flags: 0,
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
}

/** What comes from others does not get to a socket that is connected; what has another number is late. */
async function replyTo(id: number, socket: Socket, signal: AbortSignal): Promise<DecodedPacket> {
  for await (const [message] of on(socket, 'message', { signal })) {
    const packet = decode(message);
    if (packet.id === id && packet.flag_qr) return packet;
  }
  throw new Error('no answer');
}

const RCODE = { none: 0, serverFailure: 2, noSuchName: 3 } as const;

function read({ flags = 0, flag_tc, flag_ad, answers = [] }: DecodedPacket): SshfpAnswer {
  const code = flags & 0xf;
  if (code === RCODE.serverFailure) return failed('the server failed (SERVFAIL)', true);
  if (code !== RCODE.none && code !== RCODE.noSuchName)
    return failed(`the server refuses to answer (${code})`);
  if (flag_tc) return failed('there are too many records');
  const records = answers.flatMap((answer) => (answer.type === 'SSHFP' ? [answer.data] : []));
  return {
    kind: 'answered',
    records: records.map(({ algorithm, hash, fingerprint }) => ({
      algorithm,
      hash,
      fingerprint: fingerprint.toLowerCase(),
    })),
    isSigned: flag_ad,
  };
}

function failed(reason: string, isServerFailure = false): SshfpAnswer {
  return { kind: 'failed', isServerFailure, reason };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNREFUSED' ? 'nobody answers' : 'the answer can not be read';
}
