import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { type HookBody, hookBodySchema } from '../../../src/hooks/messages/hook-body.ts';
import { type Answer, type Receiver, startReceiver } from '../../../src/hooks/testing/receiver.ts';
import { HOOK_NAMES, type HookName } from '../../../src/labs/lab-definition.ts';
import { eventually, PATIENCE } from './eventually.ts';
import { PROJECT } from './set-up.ts';

export const HOOK_SECRET = `whsec_${Buffer.from('what the receiver knows as well').toString('base64')}`;

/** What makes the secret known to a factory, and lets hooks go to this machine. */
export const HOOK_CONFIG = {
  secrets: { hooks: { env: 'HOOK_SECRET' } },
  hooks: { private_addresses: ['127.0.0.0/8'] },
};

const publishedSchema = z.fromJSONSchema(
  JSON.parse(readFileSync(join(PROJECT, 'docs/hooks.schema.json'), 'utf8')),
);

/** `hooks` of a `lab.yaml` that has these called at `<url>/<hook>`. */
export function hooksTo(
  url: string,
  names: readonly HookName[] = HOOK_NAMES,
  initialization: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const hookTo = (name: HookName) => ({
    url: `${url}/${name}`,
    secret: '{{ secrets.hooks }}',
    ...(name === 'initialization' ? initialization : {}),
  });
  return Object.fromEntries(names.map((name) => [name, hookTo(name)]));
}

/** A receiver of hooks that takes nothing on trust: each must be signed, and as the published schema has it. */
export class HookReceiver implements AsyncDisposable {
  readonly #receiver: Receiver;

  private constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** `port` 0: a free one. */
  static async start(port = 0): Promise<HookReceiver> {
    return new HookReceiver(await startReceiver(port));
  }

  get url(): string {
    return this.#receiver.url;
  }

  /** From now on. */
  answers(answer: Answer): void {
    this.#receiver.answer = answer;
  }

  /** The paths that were asked for, each try. */
  get paths(): readonly string[] {
    return this.#receiver.received.map(({ path }) => path);
  }

  /** What came for a user, each try, in order. Throws for one that is not signed or not by the schema. */
  of(user: string): readonly HookBody[] {
    return this.#receiver.received
      .filter((received) => received.user === user)
      .map(({ body, headers }) => {
        const signed = Object.entries(headers).map(([name, value]) => [name, String(value)]);
        new Webhook(HOOK_SECRET).verify(body, Object.fromEntries(signed));
        const hook = hookBodySchema.parse(publishedSchema.parse(JSON.parse(body)));
        if (headers['webhook-id'] !== hook.delivery.id) throw new Error(`two ids: ${body}`);
        return hook;
      });
  }

  typesOf(user: string): readonly string[] {
    return this.of(user).map(({ type }) => type);
  }

  /** Resolves with all that came for a user, when there are so many. */
  async have(user: string, count: number, within = PATIENCE): Promise<readonly HookBody[]> {
    return eventually(() => this.#receiver.received.filter((one) => one.user === user).length >= count, {
      what: `${count} hooks for ${user}; there are ${this.typesOf(user)}`,
      within,
      every: 20,
    }).then(() => this.of(user));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]();
  }
}
