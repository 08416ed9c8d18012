import type { Fields } from './http2-frames.ts';
import { http2 } from './raw-tricks.ts';
import type { Trick, TrickTable } from './trick.ts';

interface Pseudo {
  readonly method?: string;
  readonly scheme?: string;
  readonly path?: string;
  /** Undefined: left out. */
  readonly authority: string | undefined;
}

function fields({ method = 'GET', scheme = 'http', path = '/', authority }: Pseudo, ...more: Fields): Fields {
  const named: Fields = authority === undefined ? [] : [[':authority', authority]];
  return [[':method', method], [':scheme', scheme], [':path', path], ...named, ...more];
}

/** One request, with alice's and bob's hosts in it. */
function one(
  sends: string,
  answers: readonly string[],
  write: (alice: string, bob: string) => Fields,
  { body, because }: { body?: string; because?: string } = {},
): Trick {
  const play = http2(({ alice, bob }) => [
    { fields: write(alice, bob), ...(body !== undefined && { body }) },
  ]);
  return { sends, answers, play, ...(because !== undefined && { because }) };
}

const ALICE = ['alice'];
const RESET = ['reset 1'];
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\n\r\n';

export const HTTP2: TrickTable = {
  title: 'HTTP/2 without TLS',
  about:
    'With prior knowledge, to the HTTP port. `reset 1` is a protocol error. What cannot be said in HTTP/1.1 never reaches a workspace.',
  tricks: [
    one('`:authority` alice', ALICE, (alice) => fields({ authority: alice }), { because: 'the control' }),
    {
      sends: 'three streams, alice, bob, alice',
      answers: ['alice', 'bob', 'alice'],
      play: http2(({ alice, bob }) =>
        [alice, bob, alice].map((authority) => ({ fields: fields({ authority }) })),
      ),
    },
    one(
      '`:authority` alice and `host` bob',
      ALICE,
      (alice, bob) => fields({ authority: alice }, ['host', bob]),
      {
        because: 'the first counts, and is the Host that alice gets',
      },
    ),
    one('no `:authority`, `host` bob', ['bob'], (_, bob) => fields({ authority: undefined }, ['host', bob])),
    one(
      'no `:authority`, `host` bob and `host` alice',
      ['bob'],
      (alice, bob) => fields({ authority: undefined }, ['host', bob], ['host', alice]),
      { because: 'the first, and bob gets it alone' },
    ),
    one('neither', ['404'], () => fields({ authority: undefined })),
    one('two `:authority`', RESET, (alice, bob) => [...fields({ authority: alice }), [':authority', bob]]),
    one('`:authority` bob@alice', RESET, (alice, bob) => fields({ authority: `${bob}@${alice}` })),
    one('a line end in `:authority`', RESET, (alice) => fields({ authority: `${alice}\r\nX: y` })),
    one('`:path` http://bob/', ALICE, (alice, bob) => fields({ authority: alice, path: `http://${bob}/` })),
    one('`:scheme` https', ALICE, (alice) => fields({ authority: alice, scheme: 'https' })),
    one('a line end in a value', RESET, (alice, bob) =>
      fields({ authority: alice }, ['x', `y\r\nHost: ${bob}`]),
    ),
    one('a bare line feed in a value', RESET, (alice) => fields({ authority: alice }, ['x', 'y\nz: a'])),
    one('a line end in a name', RESET, (alice, bob) => fields({ authority: alice }, ['x: y\r\nhost', bob])),
    one('a colon in a name', RESET, (alice, bob) => fields({ authority: alice }, ['host: bob', bob])),
    one('a name in upper case', RESET, (alice, bob) => fields({ authority: alice }, ['HOST', bob])),
    one('a request in `:path`', RESET, (alice, bob) =>
      fields({ authority: alice, path: `/ HTTP/1.1\r\nHost: ${bob}\r\n\r\nGET /smuggled` }),
    ),
    one('a version in `:path`', ALICE, (alice) => fields({ authority: alice, path: '/ HTTP/1.1' }), {
      because: 'arrives encoded, as `/%20HTTP/1.1`',
    }),
    one('a request line in `:method`', RESET, (alice) =>
      fields({ authority: alice, method: 'GET / HTTP/1.1\r\nX: y' }),
    ),
    one(
      '`content-length: 0` and a body',
      RESET,
      (alice) => fields({ authority: alice }, ['content-length', '0']),
      { body: SMUGGLED },
    ),
    one('`content-length: +5`', RESET, (alice) => fields({ authority: alice }, ['content-length', '+5']), {
      body: 'hello',
    }),
    one(
      '`content-length` twice, 5 and 6, with 5',
      ALICE,
      (alice) => fields({ authority: alice }, ['content-length', '5'], ['content-length', '6']),
      { body: 'hello', because: 'the frames say what the body is; one length arrives, 5' },
    ),
    one(
      '`transfer-encoding: chunked`',
      ['400'],
      (alice) => fields({ authority: alice }, ['transfer-encoding', 'chunked']),
      {
        body: `0\r\n\r\n${SMUGGLED}`,
      },
    ),
    one(
      '`connection: transfer-encoding`',
      ['400'],
      (alice) => fields({ authority: alice }, ['connection', 'transfer-encoding']),
      { body: 'hello' },
    ),
    one(
      'WebSocket by an extended CONNECT',
      RESET,
      (alice) => [
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
        [':scheme', 'http'],
        [':path', '/'],
        [':authority', alice],
      ],
      { because: 'not offered (RFC 8441)' },
    ),
  ],
};
