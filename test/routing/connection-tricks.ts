import { clientHello } from './client-hello.ts';
import { get, raw, sendTls } from './raw-tricks.ts';
import type { Trick, TrickTable } from './trick.ts';

const WEBSOCKET = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 777'];

/** What bob's workspace is told in these fields, after a request for bob with `fields`. */
function told(fields: (alice: string) => readonly string[], ...names: readonly string[]): Trick['play'] {
  const play = raw(({ alice, bob }) => get(bob, ...fields(alice)));
  return async (stage) => {
    const answers = await play(stage);
    const headers = stage.bob.backend.requests[0]?.headers;
    const words = (name: string) =>
      `${name}: ${headers?.get(name) ?? 'none'}`
        .replace(stage.alice.host, 'alice')
        .replace(stage.bob.host, 'bob');
    return [...answers, ...names.map(words)];
  };
}

export const CONNECTIONS: TrickTable = {
  title: 'One connection, several hosts',
  about: 'Each request is routed by its own Host, whatever was asked before on the same connection.',
  tricks: [
    {
      sends: 'alice',
      answers: ['alice', 'goes on'],
      because: 'the control',
      play: raw(({ alice }) => get(alice)),
    },
    {
      sends: 'alice, bob, alice, bob in one packet',
      answers: ['alice', 'bob', 'alice', 'bob', 'goes on'],
      play: raw(({ alice, bob }) => (get(alice) + get(bob)).repeat(2)),
    },
    {
      sends: 'an upgrade to WebSocket that alice answers with 426, and at once a request for bob',
      answers: ['alice 426', 'bob', 'goes on'],
      because: 'only 101 makes a tunnel, and that leads to alice',
      play: raw(({ alice, bob }) => get(alice, ...WEBSOCKET, 'X-Answer: bad-upgrade') + get(bob)),
    },
    {
      sends: 'an upgrade to h2c, which alice ignores, and a request for bob',
      answers: ['alice', 'bob', 'goes on'],
      because: "it is alice's to answer; the edge itself upgrades nothing",
      play: raw(
        ({ alice, bob }) =>
          get(
            alice,
            'Connection: Upgrade, HTTP2-Settings',
            'Upgrade: h2c',
            'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
          ) + get(bob),
      ),
    },
    {
      sends: 'a PROXY header (version 1) before the request',
      answers: ['400', 'closed'],
      because: 'believed from `routes.trusted_proxies` alone',
      play: raw(({ alice }) => `PROXY TCP4 192.0.2.1 127.0.0.1 1 80\r\n${get(alice)}`),
    },
    {
      sends: 'a PROXY header (version 2)',
      answers: ['400', 'closed'],
      play: raw(
        ({ alice }) =>
          `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\0\x01\0\x50${get(alice)}`,
      ),
    },
    {
      sends: 'TLS for alice to the HTTP port',
      answers: ['alert 112'],
      play: (stage) => sendTls(stage, 'http', clientHello({ names: [stage.alice.host] })),
    },
  ],
};

export const FIELDS: TrickTable = {
  title: 'Fields that say who asked for what',
  about: "With Host: bob. The last column also has what bob's workspace is told.",
  tricks: [
    {
      sends: 'nothing more',
      answers: ['bob', 'goes on', 'x-forwarded-host: bob', 'x-forwarded-for: 127.0.0.1'],
      because: 'the control',
      play: told(() => [], 'x-forwarded-host', 'x-forwarded-for'),
    },
    {
      sends: '`X-Forwarded-Host: alice`',
      answers: ['bob', 'goes on', 'x-forwarded-host: bob'],
      play: told((alice) => [`X-Forwarded-Host: ${alice}`], 'x-forwarded-host'),
    },
    {
      sends: '`X-Forwarded-For` and `X-Real-Ip` of somebody else',
      answers: ['bob', 'goes on', 'x-forwarded-for: 127.0.0.1', 'x-real-ip: 127.0.0.1'],
      play: told(
        () => ['X-Forwarded-For: 192.0.2.1', 'X-Real-Ip: 192.0.2.1'],
        'x-forwarded-for',
        'x-real-ip',
      ),
    },
    {
      sends: 'the same and that they be dropped: `Connection: Host, X-Forwarded-For, X-Real-Ip`',
      answers: ['bob', 'goes on', 'host: bob', 'x-forwarded-for: 127.0.0.1', 'x-real-ip: 127.0.0.1'],
      play: told(
        () => ['X-Forwarded-For: 192.0.2.1', 'Connection: Host, X-Forwarded-For, X-Real-Ip'],
        'host',
        'x-forwarded-for',
        'x-real-ip',
      ),
    },
    {
      sends: '`Connection: x-real-ip`, in small letters',
      answers: ['404', 'goes on'],
      because: 'Traefik 3.6 would drop its own header for it; the factory refuses such a request',
      play: raw(({ bob }) => get(bob, 'Connection: x-real-ip')),
    },
    {
      sends: '`Forwarded`, and `X_Forwarded_For` with underscores',
      answers: ['bob', 'goes on', 'forwarded: none', 'x_forwarded_for: none'],
      because: 'dropped: some programs believe them',
      play: told(
        (alice) => [`Forwarded: for=192.0.2.1;host=${alice}`, 'X_Forwarded_For: 192.0.2.1'],
        'forwarded',
        'x_forwarded_for',
      ),
    },
    {
      sends: '`X-Original-URL` and `X-Rewrite-URL` at alice',
      answers: ['bob', 'goes on', 'x-original-url: http://alice/'],
      because: 'nothing to the edge; passed on, and an app should not believe them',
      play: told(
        (alice) => [`X-Original-URL: http://${alice}/`, `X-Rewrite-URL: http://${alice}/`],
        'x-original-url',
      ),
    },
  ],
};

/** How a path arrives at alice's. */
function path(sends: string, arrives: string, because?: string): Trick {
  const play = raw(({ alice }) => get(alice).replace('GET /', () => `GET ${sends}`));
  return {
    sends: `\`${sends}\``,
    answers: ['alice', 'goes on', `arrives as ${arrives}`],
    ...(because !== undefined && { because }),
    play: async (stage) => {
      const answers = await play(stage);
      return [...answers, `arrives as ${stage.alice.backend.requests[0]?.target}`];
    },
  };
}

export const PATHS: TrickTable = {
  title: 'Paths',
  about:
    'No rule of ours looks at a path. What is encoded reaches the app as it was sent, but for what RFC 3986 §6.2.2 calls the same.',
  tricks: [
    path('/a', '/a', 'the control'),
    path('/a%2Fb', '/a%2Fb', 'many apps need it'),
    path('/a%00b', '/a%00b'),
    path('/a%2fb%5Cc', '/a%2Fb%5Cc'),
    path('/a%23b%3Fc%25d%3B', '/a%23b%3Fc%25d%3B'),
    path('/%61', '/a'),
    path('/a/../b', '/b', 'dots are resolved before'),
    path('/a/%2e%2e/b', '/b'),
    path('//a//b', '/a/b'),
    path('/a\\b', '/a%5Cb'),
    path('/a?x=/../y&c=%00', '/a?x=/../y&c=%00', 'a query is left alone'),
  ],
};
