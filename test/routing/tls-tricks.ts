import { clientHello } from './client-hello.ts';
import { overTls } from './inside-tls.ts';
import { get, hello, raw, sendTls } from './raw-tricks.ts';
import type { Trick, TrickTable } from './trick.ts';

const ALICE = ['alice'];
/** TLS alerts (RFC 8446 §6): "unrecognized name", which nobody has a certificate for; "decode error". */
const UNKNOWN = ['alert 112'];
const MALFORMED = ['alert 50'];
const ACME = 'acme-tls/1';

/** A ClientHello with these names in its SNI. */
function sni(
  sends: string,
  answers: readonly string[],
  names: (alice: string, bob: string) => readonly string[],
  because?: string,
): Trick {
  const play = hello(({ alice, bob }) => ({ names: names(alice, bob) }));
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

export const SERVER_NAMES: TrickTable = {
  title: 'The name in a ClientHello',
  about: 'TLS is passed on unopened, by its SNI. Of whom nobody has the name, the handshake is refused.',
  tricks: [
    sni('SNI alice', ALICE, (alice) => [alice], 'the control'),
    sni('a name below alice', ALICE, (alice) => [`a_b.${alice}`]),
    sni('upper case', ALICE, (alice) => [alice.toUpperCase()]),
    sni('no SNI', UNKNOWN, () => []),
    sni('empty', MALFORMED, () => ['']),
    sni('a dot at the end', MALFORMED, (alice) => [`${alice}.`], 'it must not have one (RFC 6066 §3)'),
    sni('two names, alice and bob', MALFORMED, (alice, bob) => [alice, bob], 'there must be one'),
    sni('an IPv4 address', UNKNOWN, () => ['127.0.0.1']),
    sni('an IPv6 address', UNKNOWN, () => ['::1']),
    sni('a null at the end', UNKNOWN, (alice) => [`${alice}\0`]),
    sni('bob, a null, and below alice', UNKNOWN, (alice, bob) => [`${bob}\0.${alice}`]),
    sni('a port', UNKNOWN, (alice) => [`${alice}:443`]),
    sni('a line end inside', UNKNOWN, (alice) => [`x\n.${alice}`]),
    sni(
      'a space or a line end around alice',
      ALICE,
      (alice) => [` ${alice}\n`],
      "Traefik trims it; it is alice's own",
    ),
    sni('UTF-8 below alice', UNKNOWN, (alice) => [`\xc3\xa4.${alice}`]),
    sni(
      'the Kelvin sign for a k below alice',
      ALICE,
      (alice) => [`\xe2\x84\xaa.${alice}`],
      'its lower case is k',
    ),
    sni('a star', UNKNOWN, (alice) => [`*.${alice}`]),
    sni('a dot at the start', UNKNOWN, (alice) => [`.${alice}`]),
    sni('a user: `x@app.alice`', UNKNOWN, (alice) => [`x@app.${alice}`]),
    sni('a name of 10,000 characters below alice', ALICE, (alice) => [`${'a'.repeat(10_000)}.${alice}`]),
    {
      sends: 'alice, one byte at a time',
      answers: ALICE,
      play: hello(({ alice }) => ({ names: [alice] }), { chunk: 1 }),
    },
    {
      sends: 'alice, the message spread over many records',
      answers: UNKNOWN,
      because: "Traefik looks for the name in the first record only: refused, never somebody else's",
      play: hello(({ alice }) => ({ names: [alice], recordSize: 20 })),
    },
    {
      sends: 'alice with ALPN `acme-tls/1`',
      answers: ALICE,
      because: 'a challenge for a certificate is for the cluster to answer (RFC 8737)',
      play: hello(({ alice }) => ({ names: [alice], alpn: [ACME] })),
    },
    {
      sends: "nobody's name with ALPN `acme-tls/1`",
      answers: UNKNOWN,
      play: hello(({ alice }) => ({ names: [`x${alice}`], alpn: [ACME] })),
    },
    {
      sends: 'alice to the port of the Kubernetes APIs',
      answers: ALICE,
      play: hello(({ alice }) => ({ names: [alice] }), { port: 'kube' }),
    },
    {
      sends: 'a name below alice to the port of the Kubernetes APIs',
      answers: UNKNOWN,
      because: 'an API has one name',
      play: hello(({ alice }) => ({ names: [`app.${alice}`] }), { port: 'kube' }),
    },
    {
      sends: 'plain HTTP for alice to the HTTPS port',
      answers: ['404', '404', 'closed'],
      because: 'no rule there is for plain HTTP',
      play: raw(({ alice }) => get(alice), 'https'),
    },
    {
      sends: 'plain HTTP for alice to the port of the Kubernetes APIs',
      answers: ['404', '404', 'closed'],
      play: raw(({ alice }) => get(alice), 'kube'),
    },
    {
      sends: 'a PROXY header before it',
      answers: ['400'],
      because: 'not TLS, and no HTTP either',
      play: (stage) =>
        sendTls(
          stage,
          'https',
          Buffer.concat([
            Buffer.from('PROXY TCP4 192.0.2.1 127.0.0.1 1 443\r\n'),
            clientHello({ names: [stage.alice.host] }),
          ]),
        ),
    },
    {
      sends: 'a hello of SSL 2',
      answers: ['alert 70'],
      because: '"protocol version"',
      play: (stage) => sendTls(stage, 'https', Buffer.from(`802e0100020015${'00'.repeat(41)}`, 'hex')),
    },
    {
      sends: 'a record that is no hello',
      answers: MALFORMED,
      play: (stage) => sendTls(stage, 'https', Buffer.from('160301000501000001ff', 'hex')),
    },
  ],
};

export const INSIDE: TrickTable = {
  title: 'One name outside, another inside',
  about:
    "With SNI bob and a request for alice inside, bob's cluster gets it and alice's does not: the edge can't look inside, and goes by the SNI. Who does that by hand gets bob's answers. A browser does it by itself where one certificate names both: it takes the connection to bob for alice's pages as well (RFC 9113 §9.1.1). So no student should have a certificate for names of others, such as a wildcard of the whole domain; by ACME they get none.",
  tricks: [
    {
      sends: 'SNI bob, Host: bob',
      answers: ['bob', 'asked for bob'],
      because: 'the control',
      play: overTls('1.1', 'bob'),
    },
    { sends: 'SNI bob, Host: alice', answers: ['bob', 'asked for alice'], play: overTls('1.1', 'alice') },
    {
      sends: 'SNI bob, HTTP/2 with `:authority` bob',
      answers: ['bob', 'asked for bob'],
      play: overTls('2', 'bob'),
    },
    {
      sends: 'SNI bob, HTTP/2 with `:authority` alice',
      answers: ['bob', 'asked for alice'],
      play: overTls('2', 'alice'),
    },
  ],
};
