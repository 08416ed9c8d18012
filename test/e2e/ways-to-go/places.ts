import { bridgeAddress } from '../harness/client-machine.ts';
import type { EventRecorder } from '../harness/event-recorder.ts';
import { eventually } from '../harness/eventually.ts';
import { Factory } from '../harness/factory.ts';
import type { LabFile } from '../harness/factory-options.ts';
import { Workspace } from '../harness/workspace.ts';
import { GRACE, KEEPALIVE, type Place } from './way.ts';

/** Longer than all ways of one factory take; ms. */
const LONGEST_WAIT = 240_000;

interface Opening {
  readonly recorder: EventRecorder;
  readonly lab: LabFile;
  /** Ways are gone at once for so many students. */
  readonly users: readonly string[];
}

/** One factory with some students, each of whom goes one way at a time. */
export class Places implements AsyncDisposable {
  readonly factory: Factory;
  readonly #free: Place[];

  private constructor(factory: Factory, places: readonly Place[]) {
    this.factory = factory;
    this.#free = [...places];
  }

  static async open({ recorder, lab, users }: Opening): Promise<Places> {
    const listen = `${await bridgeAddress()}:0`;
    const factory = await Factory.start({
      grace: `${GRACE}ms`,
      labs: { lab },
      config: { ssh: { listen, keepalive: KEEPALIVE } },
    });
    try {
      const instance = await factory.instance();
      const roles = lab.cluster === undefined ? (['container'] as const) : (['container', 'node'] as const);
      const places = users.map(async (user) => {
        const student = await factory.student(user);
        return {
          factory,
          instance,
          recorder,
          student,
          workspace: new Workspace(factory, user, 'lab'),
          roles,
        };
      });
      return new Places(factory, await Promise.all(places));
    } catch (error) {
      await factory[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Goes with the place of whoever is free, and gives it back. */
  async use(go: (place: Place) => Promise<void>): Promise<void> {
    const place = await eventually(() => this.#free.shift(), {
      what: 'a student is free',
      within: LONGEST_WAIT,
      every: 20,
    });
    try {
      await go(place);
    } finally {
      this.#free.push(place);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.factory[Symbol.asyncDispose]();
  }
}
