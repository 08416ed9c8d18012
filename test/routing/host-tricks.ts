import { get, raw } from './raw-tricks.ts';
import type { Trick, TrickTable } from './trick.ts';

const ALICE = ['alice', 'goes on'];
const NOBODY = ['404', 'goes on'];
const REFUSED = ['400', 'closed'];

/** A request with this value of Host. */
function host(
  sends: string,
  answers: readonly string[],
  value: (alice: string, bob: string) => string,
  because?: string,
): Trick {
  const play = raw(({ alice, bob }) => get(value(alice, bob)));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

/** A request of these lines, with alice's and bob's hosts in it. */
function lines(
  sends: string,
  answers: readonly string[],
  write: (alice: string, bob: string) => readonly string[],
  because?: string,
): Trick {
  const play = raw(({ alice, bob }) => [...write(alice, bob), '', ''].join('\r\n'));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

export const HOSTS: TrickTable = {
  title: 'The Host of a request',
  about:
    'HTTP/1.1 to the HTTP port. Traefik compares Host without case and without its port, with whole names and whole labels.',
  tricks: [
    host('Host: alice', ALICE, (alice) => alice, 'the control'),
    host('upper case', ALICE, (alice) => alice.toUpperCase(), 'names have no case'),
    host('a name below alice with an underscore, such as `_acme-challenge`', ALICE, (alice) => `_a.${alice}`),
    host('a dot at the end: `alice.`', ALICE, (alice) => `${alice}.`, 'the same name, written in full'),
    host('a dot at the end of a name below: `app.alice.`', ALICE, (alice) => `app.${alice}.`),
    host('two dots at the end', NOBODY, (alice) => `${alice}..`),
    host('a port: `alice:8080`', ALICE, (alice) => `${alice}:8080`, 'the port is not part of the name'),
    host('a port that is none: `alice:99999`, `alice:`', ALICE, (alice) => `${alice}:99999`, 'nor is that'),
    host(
      'bob in the place of the port: `alice:bob`',
      ALICE,
      (alice, bob) => `${alice}:${bob}`,
      'only what is before the colon counts; an app gets it as it is',
    ),
    host('two ports: `alice:80:80`', NOBODY, (alice) => `${alice}:80:80`),
    host(
      'brackets: `[alice]:80`',
      ALICE,
      (alice) => `[${alice}]:80`,
      'brackets are taken off as from an IPv6 address',
    ),
    host(
      'spaces and a tab around alice',
      ALICE,
      (alice) => ` \t ${alice} \t`,
      'they do not belong to a field (RFC 9110 §5.5)',
    ),
    host('empty', NOBODY, () => ''),
    host('an IPv4 address', NOBODY, () => '127.0.0.1'),
    host('an IPv6 address with a port', NOBODY, () => '[::1]:80'),
    host('alice as the zone of an IPv6 address', NOBODY, (alice) => `[::1%25${alice}]`),
    host('an address as one number', NOBODY, () => '2130706433'),
    host('localhost', NOBODY, () => 'localhost'),
    host('a dot at the start: `.alice`', NOBODY, (alice) => `.${alice}`),
    host('an empty label: `app..alice`', NOBODY, (alice) => `app..${alice}`),
    host('a star: `*.alice`', NOBODY, (alice) => `*.${alice}`),
    host('both with a comma: `alice,bob`', NOBODY, (alice, bob) => `${alice},${bob}`),
    host('both with a semicolon', NOBODY, (alice, bob) => `${alice};${bob}`),
    host('alice with a letter as `%61`', NOBODY, (alice) => `%61${alice.slice(1)}`, 'names are not decoded'),
    host('a label below alice as `%61`', NOBODY, (alice) => `%61.${alice}`),
    host(
      'characters that no name has before a name below: `!x.app.alice`',
      NOBODY,
      (alice) => `!x.app.${alice}`,
      'the pattern is anchored',
    ),
    host(
      'a name of 350 characters below alice',
      ALICE,
      (alice) => `${'a'.repeat(63)}.`.repeat(5) + alice,
      "no DNS has it, and it is alice's",
    ),
    host('a name of more than a megabyte', ['431', 'closed'], (alice) => `${'a'.repeat(1_100_000)}.${alice}`),
    host('a user before it: `bob@alice`', REFUSED, (alice, bob) => `${bob}@${alice}`),
    host('a space between: `alice bob`', REFUSED, (alice, bob) => `${alice} ${bob}`),
    host('a tab between', REFUSED, (alice, bob) => `${alice}\t${bob}`),
    host('a null at the end', REFUSED, (alice) => `${alice}\0`),
    host('bob, a null, and below alice', REFUSED, (alice, bob) => `${bob}\0.${alice}`),
    host('a carriage return and a field', REFUSED, (alice) => `${alice}\rX: y`),
    host('UTF-8', REFUSED, (alice) => `\xc3\xa4.${alice}`),
    host('a full stop of another script', REFUSED, (alice) => alice.replace('.', '\xe3\x80\x82')),
    host('a slash: `bob/.alice`', REFUSED, (alice, bob) => `${bob}/.${alice}`),
    host('a backslash', REFUSED, (alice, bob) => `${bob}\\.${alice}`),
    host('a number sign', REFUSED, (alice, bob) => `${bob}#.${alice}`),
    host('a question mark', REFUSED, (alice, bob) => `${bob}?.${alice}`),
    host('a URL', REFUSED, (alice) => `http://${alice}`),
    host("the quotes of Traefik's rules", REFUSED, (alice) => `\`${alice}\``),
    lines('no Host', REFUSED, () => ['GET / HTTP/1.1']),
    lines(
      'no Host, HTTP/1.0',
      ['404', 'closed'],
      () => ['GET / HTTP/1.0'],
      'it need not have one (RFC 1945)',
    ),
    lines('Host: alice, HTTP/1.0', ['alice', 'closed'], (alice) => ['GET / HTTP/1.0', `Host: ${alice}`]),
    lines('HTTP/0.9', REFUSED, () => ['GET /index.html']),
    lines('HTTP/2.0 in the request line', ['505', 'closed'], (alice) => ['GET / HTTP/2.0', `Host: ${alice}`]),
    lines('two Host fields, the same', REFUSED, (alice) => [
      'GET / HTTP/1.1',
      `Host: ${alice}`,
      `Host: ${alice}`,
    ]),
    lines('two Host fields, alice and bob', REFUSED, (alice, bob) => [
      'GET / HTTP/1.1',
      `Host: ${alice}`,
      `hOsT: ${bob}`,
    ]),
    lines('a space before the colon', REFUSED, (alice) => ['GET / HTTP/1.1', `Host : ${alice}`]),
    lines(
      'Host folded over two lines',
      ALICE,
      (alice) => ['GET / HTTP/1.1', 'Host:', ` ${alice}`],
      'made one line (RFC 9112 §5.2), and so it arrives',
    ),
    lines('Host: alice, and folded on to it `Host: bob`', REFUSED, (alice, bob) => [
      'GET / HTTP/1.1',
      `Host: ${alice}`,
      `\tHost: ${bob}`,
    ]),
    lines('a folded line before any field', REFUSED, (alice, bob) => [
      'GET / HTTP/1.1',
      ` Host: ${bob}`,
      `Host: ${alice}`,
    ]),
  ],
};

export const TARGETS: TrickTable = {
  title: 'The target and the method',
  about:
    'With Host: alice. A target that names a host wins over Host (RFC 9112 §3.2.2), and the workspace gets that name as its Host.',
  tricks: [
    lines('`GET /`', ALICE, (alice) => ['GET / HTTP/1.1', `Host: ${alice}`], 'the control'),
    lines('`GET http://bob/`', ['bob', 'goes on'], (alice, bob) => [
      `GET http://${bob}/ HTTP/1.1`,
      `Host: ${alice}`,
    ]),
    lines(
      '`GET https://bob/`',
      ['bob', 'goes on'],
      (alice, bob) => [`GET https://${bob}/ HTTP/1.1`, `Host: ${alice}`],
      'as HTTP: what it came as',
    ),
    lines('`GET http://alice@bob/`', ['bob', 'goes on'], (alice, bob) => [
      `GET http://${alice}@${bob}/ HTTP/1.1`,
      `Host: ${alice}`,
    ]),
    lines('`GET http://bob/` without Host', REFUSED, (_, bob) => [`GET http://${bob}/ HTTP/1.1`]),
    lines('`GET http:///`', ALICE, (alice) => ['GET http:/// HTTP/1.1', `Host: ${alice}`]),
    lines('`GET //bob/`', ALICE, (alice, bob) => [`GET //${bob}/ HTTP/1.1`, `Host: ${alice}`], 'a path'),
    lines('`GET @bob/`', REFUSED, (alice, bob) => [`GET @${bob}/ HTTP/1.1`, `Host: ${alice}`]),
    lines(
      '`CONNECT bob:80`',
      ['bob', 'goes on'],
      (alice, bob) => [`CONNECT ${bob}:80 HTTP/1.1`, `Host: ${alice}`],
      'a request as any other, for bob: no tunnel comes of it',
    ),
    lines(
      '`CONNECT 127.0.0.1:22`',
      NOBODY,
      (alice) => ['CONNECT 127.0.0.1:22 HTTP/1.1', `Host: ${alice}`],
      'the edge is no proxy for others',
    ),
    lines('`TRACE /`', ALICE, (alice) => ['TRACE / HTTP/1.1', `Host: ${alice}`]),
    lines(
      '`OPTIONS *`',
      ['200', 'goes on'],
      (alice) => ['OPTIONS * HTTP/1.1', `Host: ${alice}`],
      'the edge itself is meant, and says nothing',
    ),
    lines('`PRI *`, as HTTP/2 begins, in HTTP/1.1', ALICE, (alice) => ['PRI * HTTP/1.1', `Host: ${alice}`]),
    lines('two spaces after the method', REFUSED, (alice) => ['GET  / HTTP/1.1', `Host: ${alice}`]),
    lines('a tab after the method', REFUSED, (alice) => ['GET\t/ HTTP/1.1', `Host: ${alice}`]),
    lines(
      'a line end in the target as `%0d%0a`',
      ALICE,
      (alice, bob) => [`GET /%0d%0aHost:%20${bob} HTTP/1.1`, `Host: ${alice}`],
      'it stays as it is',
    ),
  ],
};
