import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { content, contentSum } from '../e2e/through-the-path/app/content.ts';
import { openEvents } from '../e2e/through-the-path/event-stream.ts';
import { echoed } from '../e2e/through-the-path/messages.ts';
import { openScene, type Scene } from '../e2e/through-the-path/scene.ts';
import { upload } from '../e2e/through-the-path/uploads.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = await openScene(stack);
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => scene.factory.showLogOnFailure(context));

/** The text, a piece every second. */
async function* dribbled(bytes: number, seconds: number): AsyncGenerator<Buffer> {
  const whole = Buffer.concat([...content(bytes)]);
  const piece = Math.ceil(bytes / seconds);
  for (let sent = 0; sent < bytes; sent += piece) {
    yield whole.subarray(sent, sent + piece);
    await delay(1_000);
  }
}

test("uploads that take longer than Traefik's default of 60 s arrive whole, over HTTP and HTTPS", async () => {
  const [bytes, seconds] = [1_000_000, 90];
  const sum = contentSum(bytes);
  const uploads = [scene.http, scene.https].flatMap((way) => [
    upload(way, dribbled(bytes, seconds), { 'content-length': bytes }),
    upload(way, dribbled(bytes, seconds)),
  ]);
  for (const arrived of await Promise.all(uploads)) expect(arrived).toMatchObject({ length: bytes, sum });
});

test('a WebSocket and a stream of events are still open after ten minutes in which nobody says anything', async () => {
  const opened = await Promise.all(
    [scene.http, scene.https].map(async (way) => ({
      way,
      stream: await openEvents(way),
      socket: await way.webSocket(),
    })),
  );
  await delay(600_000);
  for (const { way, stream, socket } of opened) {
    expect(String(await echoed(socket, 'still there'))).toBe('still there');
    const next = once(stream.response, 'data');
    await way.ask(`/emit?id=${stream.id}`);
    expect(String((await next)[0])).toBe('data: next\n\n');
    stream.request.destroy();
    socket.close();
  }
});
