import type { Connection } from 'ssh2';
import type { LabName } from '../../names/lab-name.ts';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import { inWords } from '../../words/time-span.ts';
import { type Exit, GATEWAY_FAILED } from '../channels/exit.ts';
import { isForGateway } from '../channels/serve-session.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import type { ServeSession, SessionRequest } from '../channels/sessions.ts';
import { runWithoutLab } from '../commands/run-command.ts';
import { failureSentence } from '../failure-sentence.ts';
import { refuseForwards } from '../forwards/refused-forwards.ts';
import type { Destination } from '../inner/inner-advice.ts';
import { channelTerminal } from '../picker/channel-terminal.ts';
import { LabPicker, type Picked } from '../picker/pick-lab.ts';
import type { LabChoice } from '../picker/picker.ts';
import type { Undecided } from './admission.ts';
import { choicesLine, choicesText } from './lab-choices.ts';
import { listen } from './listeners.ts';
import type { OpenConnection } from './open-connection.ts';
import { serveWorkspace } from './serve-workspace.ts';

/** As a shell reports it when ^C ends a program. */
const LEFT: Exit = { kind: 'status', code: 130 };
const REFUSED: Exit = { kind: 'status', code: 1 };

/**
 * A connection whose login leads to several labs. A shell at a terminal gets the picker, each its own; everything else is told what
 * there is to choose from. The first choice counts for the whole connection: pickers that are still shown become shells in that lab.
 */
export class LabChooser {
  readonly #connection: Connection;
  readonly #undecided: Undecided;
  readonly #open: OpenConnection;
  readonly #decided = new AbortController();
  readonly #refusedForwards: Disposable;
  #serve: ServeSession | undefined;
  #waiting: Disposable | undefined;
  #channels = 0;

  constructor(connection: Connection, undecided: Undecided, open: OpenConnection) {
    this.#connection = connection;
    this.#undecided = undecided;
    this.#open = open;
    this.#refusedForwards = refuseForwards(connection, choicesLine(undecided.labs, this.#example));
    const { signal } = open.lifetime;
    const over = (): void => {
      this.#waiting?.[Symbol.dispose]();
      undecided.leave();
    };
    signal.addEventListener('abort', over, { once: true });
    if (signal.aborted) over();
    else this.#waitForChannel();
  }

  serve(channel: SessionChannel, request: SessionRequest): void {
    if (this.#serve !== undefined) {
      this.#serve(channel, request);
      return;
    }
    this.#waiting?.[Symbol.dispose]();
    this.#channels += 1;
    void this.#serveUndecided(channel, request).finally(() => {
      this.#channels -= 1;
      if (this.#channels === 0) this.#waitForChannel();
    });
  }

  /** Never rejects. */
  async #serveUndecided(channel: SessionChannel, request: SessionRequest): Promise<void> {
    try {
      if (channel.interactive) await this.#letChoose(channel, request);
      else await channel.finish(await this.#answer(channel, request));
    } catch (error) {
      channel.tell(failureSentence(error, this.#open.logger));
      await channel.finish(GATEWAY_FAILED);
    }
  }

  async #letChoose(channel: SessionChannel, request: SessionRequest): Promise<void> {
    const picked = await this.#pick(channel);
    const exit = this.#take(channel, picked);
    if (this.#serve !== undefined && exit === undefined) this.#serve(channel, request);
    else await channel.finish(exit);
  }

  async #pick(channel: SessionChannel): Promise<Picked> {
    const { services, listeners, lifetime } = this.#open;
    const { limits, clock } = services;
    const closed = new AbortController();
    const signal = AbortSignal.any([channel.signal, this.#decided.signal]);
    const picker = new LabPicker({
      terminal: channelTerminal(channel),
      labs: () => this.#labs(),
      patience: limits.choosing,
      clock,
      signal,
    });
    channel.onResize(() => picker.redraw());
    listen(
      listeners,
      { interactive: true, tell: (text) => picker.tell(text) },
      AbortSignal.any([closed.signal, lifetime.signal]),
    );
    try {
      return await picker.run();
    } finally {
      closed.abort();
    }
  }

  /** Undefined: the channel is the lab's now, or nobody is there any more. */
  #take(channel: SessionChannel, picked: Picked): Exit | undefined {
    switch (picked.kind) {
      case 'over':
        return undefined;
      case 'left':
        channel.tell('No lab was chosen, and none was started.');
        return LEFT;
      case 'idle':
        channel.tell(
          `No lab was chosen for ${inWords(this.#open.services.limits.choosing)}, so this session ends. Connect again at any time.`,
        );
        return REFUSED;
      case 'input_ended':
        channel.tell(choicesText(this.#undecided.labs, this.#example));
        return REFUSED;
      case 'chosen':
        return this.#choose(channel, picked.lab);
    }
  }

  #choose(channel: SessionChannel, lab: LabName): Exit | undefined {
    if (this.#serve !== undefined || this.#open.lifetime.signal.aborted) return undefined;
    const admission = this.#undecided.choose(lab);
    if (admission.kind === 'refused') {
      channel.tell(admission.message);
      return REFUSED;
    }
    const { login, logger } = this.#open;
    this.#refusedForwards[Symbol.dispose]();
    const workspace = formatWorkspaceKey(admission.lease.key);
    const chosen = { ...this.#open, login: { ...login, lab }, logger: logger.child({ lab, workspace }) };
    chosen.logger.info({ program: admission.lease.holder.clientProgram }, 'chose a lab');
    this.#serve = serveWorkspace(this.#connection, admission, chosen);
    this.#decided.abort();
    return undefined;
  }

  async #answer(channel: SessionChannel, request: SessionRequest): Promise<Exit> {
    if (isForGateway(request)) {
      const destination = this.#example;
      const { runCluster } = this.#open.services;
      const labs = () => this.#labs();
      const exit = await runWithoutLab(request.command, { channel, destination, labs, runCluster });
      if (exit !== undefined) return exit;
    }
    channel.tell(choicesText(this.#undecided.labs, this.#example));
    return REFUSED;
  }

  /** In the order of the login's labs, whatever becomes of them while they are shown. */
  #labs(): readonly LabChoice[] {
    const { login, services } = this.#open;
    return this.#undecided.labs.map(({ name, description }) => {
      const state = services.workspaces.glance({ user: login.user, lab: name });
      return { name, description, state };
    });
  }

  /** How the first of the labs is reached, as an example. */
  get #example(): Destination {
    const { login, services } = this.#open;
    const { host, port } = services;
    return { login: `${login.user}/${this.#undecided.labs[0]?.name ?? 'lab'}`, host, port };
  }

  /** A connection in which nobody chooses leads nowhere. */
  #waitForChannel(): void {
    const { lifetime, services } = this.#open;
    if (this.#serve !== undefined || lifetime.signal.aborted) return;
    this.#waiting = services.clock.schedule(services.limits.refusedStay, () => lifetime.end('closed'));
  }
}
