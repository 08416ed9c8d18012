import { LABEL } from '../../../src/names/docker-names.ts';
import { type Container, containersWith, docker } from './docker.ts';
import { eventually, PATIENCE } from './eventually.ts';
import type { Factory } from './factory.ts';

export type WorkspaceState = 'absent' | 'running' | 'paused' | 'exited' | 'mixed';

/** What Docker has of one user's workspace, seen from outside. */
export class Workspace {
  readonly #factory: Factory;
  readonly #user: string;
  readonly #lab: string;

  constructor(factory: Factory, user: string, lab = 'k3s') {
    this.#factory = factory;
    this.#user = user;
    this.#lab = lab;
  }

  async containers(role?: 'container' | 'node'): Promise<readonly Container[]> {
    const labels = [
      `${LABEL.instance}=${await this.#factory.instance()}`,
      `${LABEL.user}=${this.#user}`,
      `${LABEL.lab}=${this.#lab}`,
      ...(role === undefined ? [] : [`${LABEL.role}=${role}`]),
    ];
    return containersWith(...labels);
  }

  async labContainer(): Promise<Container> {
    const [container] = await this.containers('container');
    if (container === undefined) throw new Error(`${this.#user} has no lab container`);
    return container;
  }

  /** The cluster's only node. */
  async node(): Promise<Container> {
    const [node] = await this.containers('node');
    if (node === undefined) throw new Error(`${this.#user} has no node`);
    return node;
  }

  /** The node's IPv4 address on the cluster's network. */
  async nodeAddress(): Promise<string> {
    const node = await this.node();
    const address = Object.values(node.NetworkSettings.Networks)[0]?.IPAddress;
    if (address === undefined || address === '') throw new Error('the node has no address');
    return address;
  }

  /** The state that all its containers share. */
  async state(): Promise<WorkspaceState> {
    const states = new Set((await this.containers()).map((container) => container.State.Status));
    const [only = 'absent'] = states;
    if (states.size > 1) return 'mixed';
    return only === 'running' || only === 'paused' || only === 'exited' || only === 'absent' ? only : 'mixed';
  }

  async becomes(state: WorkspaceState, within = PATIENCE): Promise<void> {
    await eventually(async () => (await this.state()) === state, {
      what: `the workspace of ${this.#user} becomes ${state}`,
      within,
      every: 100,
    });
  }

  /** Runs a program in the node, past everything the factory guards. */
  async inNode(...command: string[]): Promise<string> {
    return docker(['exec', (await this.node()).Id, ...command]);
  }
}
