import { expect } from 'vitest';
import type { Container } from '../../harness/docker.ts';
import { type Place, stay, type Way } from '../way.ts';
import { atThePrompt } from './at-the-keyboard.ts';
import { touchesSince } from './coming-back.ts';

/** Until the factory serves again and looks at what there is; ms. */
const RESTART = 30_000;

export const FACTORY_ENDED: Way = {
  name: 'factory SIGTERM, and started again',
  noticedWithin: RESTART,
  come: async (place) => {
    const { factory } = place;
    return stay(await atThePrompt(place), async (window) => {
      const exit = factory.stop();
      await window.shows(/restart/i);
      expect(await exit).toEqual({ code: 0, signal: null });
      expect(await window.ended()).not.toBe(0);
      await factory.startAgain();
    });
  },
};

/** It touches nothing else: what runs goes on. */
export function factoryKilled(): Way {
  let killedAt = 0;
  let before: readonly string[] = [];
  return {
    name: 'factory kill -9, and started again',
    noticedWithin: RESTART,
    come: async (place) => {
      const { student, factory, workspace } = place;
      const client = await student.hold();
      await workspace.becomes('running');
      before = identities(await workspace.containers());
      return stay(client, async () => {
        killedAt = Date.now();
        await factory.kill();
        await client.ended();
        await factory.startAgain();
      });
    },
    asleep: async (place: Place) => {
      const touches = await touchesSince(place, killedAt);
      const first = touches.slice(0, place.roles.length).map(({ role, action }) => `${role} ${action}`);
      expect(first.sort()).toEqual(place.roles.map((role) => `${role} pause`).sort());
      expect(identities(await place.workspace.containers())).toEqual(before);
    },
  };
}

function identities(containers: readonly Container[]): readonly string[] {
  return containers.map(({ Id, State }) => `${Id} ${State.StartedAt}`).sort();
}
