import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// Our patch of ssh2's channels, by which small packets that wait for a reader are joined.

const ssh2Channel: { Channel: new (client: object, info: object, options: object) => Duplex } = createRequire(
  import.meta.url,
)('ssh2/lib/Channel.js');

/** As a server's, which is one stream; no window is opened again, so nothing is asked of the client. */
function openChannel(): Duplex {
  const end = { id: 0, window: 2 ** 31, packetSize: 32_768, state: 'open' };
  return new ssh2Channel.Channel(
    {},
    { type: 'session', incoming: { ...end }, outgoing: end },
    { server: true },
  );
}

type Step =
  | { readonly do: 'push'; readonly size: number }
  | { readonly do: 'pause' | 'resume' | 'read' | 'turn' };

const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40_000 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  size.map((bytes) => ({ do: 'push' as const, size: bytes })),
  fc.record({ do: fc.constantFrom('pause', 'resume', 'read', 'turn') }),
);

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('whatever the sizes of what comes, and whenever it is read, it is whole and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const channel = openChannel();
      const sent: Buffer[] = [];
      const got: Buffer[] = [];
      channel.on('data', (chunk: Buffer) => got.push(chunk));
      for (const taken of steps) {
        if (taken.do === 'push') {
          const data = Buffer.alloc(taken.size, sent.length);
          sent.push(data);
          channel.push(data);
        } else if (taken.do === 'turn') await turn();
        else channel[taken.do]();
      }
      channel.resume();
      await turn();
      // Nothing is kept back until more comes.
      expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
      channel.push(null);
      await once(channel, 'end');
      expect(Buffer.concat(got)).toHaveLength(Buffer.concat(sent).length);
    }),
    { numRuns: 300 },
  );
});
