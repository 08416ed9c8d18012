import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { HooksConfig } from '../config/factory-config.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import type { Events } from '../workspaces/ports/events.ts';
import type { Hooks } from '../workspaces/ports/hooks.ts';
import { Courier } from './delivery/courier.ts';
import { postHook } from './delivery/post-hook.ts';
import { LabHooks } from './lab-hooks.ts';
import { type Faults, NO_FAULTS } from './ledger/fault-points.ts';
import { HookLedger, type HookLedgerOptions, type ResolveLab } from './ledger/hook-ledger.ts';
import { openHooksDatabase } from './ledger/hooks-database.ts';
import type { HookOffice } from './office/hook-office.ts';

export interface OpenHooksOptions extends Pick<HookLedgerOptions, 'standingOf' | 'hostOf'> {
  /** The data folder, locked. */
  readonly data: string;
  readonly config: HooksConfig;
  /** The lab as it is now: what waits goes to the URL of today. */
  readonly resolve: ResolveLab;
  readonly events: Events;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly faults?: Faults;
  readonly logger: Logger;
}

export interface OpenHooks extends Hooks, AsyncDisposable {
  /** What waits and what was given up, for the operator. */
  readonly office: HookOffice;
}

/** Throws `HOOKS_UNREADABLE`, and `CONFIG_INVALID` where `hooks.ca` can not be read. */
export function openHooks(options: OpenHooksOptions): OpenHooks {
  const { data, config, clock, faults = NO_FAULTS } = options;
  const site = {
    policy: { privateAddresses: config.privateAddresses },
    lookUp: (name: string) => lookup(name, { all: true }),
    ca: config.ca === undefined ? undefined : [...rootCertificates, readAuthorities(config.ca)],
  };
  const database = openHooksDatabase(data, clock.now());
  const ledger = new HookLedger({ ...options, database, faults });
  return new LabHooks({
    ...options,
    database,
    ledger,
    courier: (onInitialized) =>
      new Courier({
        ...options,
        ledger,
        faults,
        giveUpAfter: config.giveUpAfter,
        post: (request, signal) => postHook(request, site, signal),
        onInitialized,
      }),
  });
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FactoryError('CONFIG_INVALID', `hooks.ca: the file ${file} can not be read.`, { cause });
  }
}
