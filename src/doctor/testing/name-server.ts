import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';
import { parseZoneLine, recordsAt, type ZoneRecord } from './zone.ts';

/** An authoritative name server for one zone, on a port of the loopback. */
export interface NameServer extends AsyncDisposable {
  /** "127.0.0.1:40053" */
  readonly address: string;
  readonly port: number;
  /** Lines of a zone file; they may be changed at any time. */
  readonly zone: string[];
  /** Names that it fails for (SERVFAIL). */
  readonly broken: Set<string>;
  /** "lab.example.org A", in the order of the questions. */
  readonly asked: string[];
}

const TYPES = { A: 1, NS: 2, CNAME: 5, AAAA: 28, SSHFP: 44, CAA: 257 } as const;
const RCODE = { none: 0, servfail: 2, nxdomain: 3 } as const;

/** RFC 1035 §4.1.1: an authoritative answer, and that recursion was and may be asked for. */
const FLAGS = 0x8580;

export async function startNameServer(...zone: string[]): Promise<NameServer> {
  const socket = createSocket('udp4');
  const server = { zone, broken: new Set<string>(), asked: [] as string[] };
  socket.on('message', (query, { address, port }) => socket.send(answer(query, server), port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  return {
    ...server,
    port,
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answer(
  query: Buffer,
  { zone, broken, asked }: Pick<NameServer, 'zone' | 'broken' | 'asked'>,
): Buffer {
  const { name, type, end } = readQuestion(query);
  const typeName = Object.entries(TYPES).find(([, code]) => code === type)?.[0] ?? '';
  asked.push(`${name} ${typeName}`);
  const records = zone.map(parseZoneLine);
  const found = follow(records, name, typeName);
  const fault = found === undefined ? RCODE.nxdomain : RCODE.none;
  const code = broken.has(name) ? RCODE.servfail : fault;
  const answers = code === RCODE.none ? (found ?? []) : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(FLAGS | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...answers.map(encodeRecord)]);
}

/** With the aliases on the way; undefined: no such name. */
function follow(zone: readonly ZoneRecord[], name: string, type: string): readonly ZoneRecord[] | undefined {
  const here = recordsAt(zone, name);
  const alias = here?.find((record) => record.type === 'CNAME');
  if (alias === undefined || type === 'CNAME') return here?.filter((record) => record.type === type);
  return [alias, ...(follow(zone, alias.data.replace(/\.$/, ''), type) ?? [])];
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encodeRecord({ owner, type, data }: ZoneRecord): Buffer {
  const content = encodeData(type, data);
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(TYPES[type as keyof typeof TYPES], 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(300, 4);
  fields.writeUInt16BE(content.length, 8);
  return Buffer.concat([encodeName(owner), fields, content]);
}

function encodeData(type: string, data: string): Buffer {
  if (type === 'A' || type === 'AAAA') return Buffer.from(ipaddr.parse(data).toByteArray());
  if (type === 'SSHFP') {
    const [algorithm, hash, fingerprint = ''] = data.split(' ');
    return Buffer.concat([Buffer.from([Number(algorithm), Number(hash)]), Buffer.from(fingerprint, 'hex')]);
  }
  if (type !== 'CAA') return encodeName(data.replace(/\.$/, ''));
  const [, flags, tag = '', value = ''] = /^(\d+) (\S+) "(.*)"$/.exec(data) ?? [];
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag + value)]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
