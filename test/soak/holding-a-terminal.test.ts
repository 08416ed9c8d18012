import { test } from 'vitest';
import { EventRecorder } from '../e2e/harness/event-recorder.ts';
import { PLAIN_LAB } from '../e2e/harness/factory-files.ts';
import { Ledger } from '../e2e/ways-to-go/ledger.ts';
import { Places } from '../e2e/ways-to-go/places.ts';
import { tryWay } from '../e2e/ways-to-go/try-way.ts';
import { heldTerminal } from '../e2e/ways-to-go/ways/at-the-keyboard.ts';

const FIVE_MINUTES = 300_000;

test('a terminal held with ^S for five minutes is no disconnect', async (context) => {
  await using recorder = await EventRecorder.start();
  await using places = await Places.open({ recorder, lab: PLAIN_LAB, users: ['alice'] });
  places.factory.showLogOnFailure(context);
  await places.use((place) => tryWay(heldTerminal(FIVE_MINUTES), place, new Ledger()));
});
