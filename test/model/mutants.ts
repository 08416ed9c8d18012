/** One mistake that somebody could make in the controllers. */
export interface Mutant {
  readonly name: string;
  /** In src/workspaces. */
  readonly file: string;
  /** What stands there once. */
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'two passes of one part run side by side',
    file: 'parts/part-reconciler.ts',
    from: 'if (this.#pass !== undefined) {\n      this.#wokenDuringPass',
    to: 'if (this.#retry !== undefined) {\n      this.#wokenDuringPass',
  },
  {
    name: 'the grace time ends a millisecond early',
    file: 'desired-state.ts',
    from: 'const asleepSince = since + grace;',
    to: 'const asleepSince = since + grace - 1;',
  },
  {
    name: 'leases are forgotten when a step fails',
    file: 'workspace-controller.ts',
    from: 'this.#events.partNews(part, news);',
    to: "this.#events.partNews(part, news);\n    if (news.kind === 'step_failed') for (const lease of this.leases) this.#circumstances.release(lease);",
  },
  {
    name: 'the grace time is not begun anew when the last one goes',
    file: 'circumstances.ts',
    from: 'if (last) this.#emptyNow();',
    to: '',
  },
  {
    name: 'a wake-up during a pass is lost',
    file: 'parts/part-reconciler.ts',
    from: 'this.#wokenDuringPass = true;',
    to: '',
  },
  {
    name: 'a failed step is not tried again',
    file: 'parts/part-reconciler.ts',
    from: 'this.#retry = undefined;\n      this.wake();',
    to: 'this.#retry = undefined;',
  },
  {
    name: 'the answer that a step is done is believed',
    file: 'parts/part-reconciler.ts',
    from: 'this.#checkStep(step, observed);',
    to: '',
  },
  {
    name: 'nodes are paused with their route awake',
    file: 'parts/cluster-driver.ts',
    from: 'await this.#routeToSleep(signal);\n    if (!stillWanted())',
    to: 'if (!stillWanted())',
  },
  {
    name: 'who comes while the route goes to sleep sees the cluster paused',
    file: 'parts/cluster-driver.ts',
    from: "await this.#routeToSleep(signal);\n    if (!stillWanted()) return 'called_off';",
    to: 'await this.#routeToSleep(signal);',
  },
  {
    name: 'a new container is not tied to its cluster',
    file: 'parts/container-driver.ts',
    from: 'finally {\n      this.#onNewProcesses();',
    to: 'finally {',
  },
  {
    name: 'a creation without an answer ties nothing',
    file: 'parts/container-driver.ts',
    from: 'await step;\n    } finally {',
    to: 'await step;\n      this.#onNewProcesses();\n    } catch (error) {\n      throw error;\n    }\n    if (this.#lab === undefined) {',
  },
  {
    name: 'an order outlives the session that comes',
    file: 'circumstances.ts',
    from: 'who works in it.\n    this.#order = undefined;',
    to: '',
  },
  {
    name: 'a pin is forgotten by a restart of the factory',
    file: 'circumstances.ts',
    from: 'this.#pin = record?.pin;',
    to: 'this.#pin = undefined;',
  },
  {
    name: 'a step that hangs is never given up',
    file: 'parts/step-deadline.ts',
    from: 'clock.schedule(limit, () =>',
    to: 'clock.schedule(limit * 1_000, () =>',
  },
  {
    name: 'what runs when the factory starts has no grace time',
    file: 'circumstances.ts',
    from: 'return this.#startedAt + this.#options.lifecycle().grace;',
    to: 'return this.#startedAt;',
  },
  {
    name: 'a host that slept over the announcement of a deletion deletes without one',
    file: 'circumstances.ts',
    from: 'return now < due || due === this.#deletionAnnounced ? due : now + this.#ahead;',
    to: 'return due;',
  },
  {
    name: 'a step is told twice',
    file: 'workspace-controller.ts',
    from: 'this.#events.partNews(part, news);',
    to: 'this.#events.partNews(part, news);\n    this.#events.partNews(part, news);',
  },
  {
    name: 'memory pressure stops whom it meets',
    file: 'memory-pressure.ts',
    from: "return desire.state === 'suspended' && controller.settledDown && states.includes('suspended');",
    to: 'return desire.state !== undefined && states.length > 0;',
  },
  {
    name: 'an order for the cluster outlives the session that comes',
    file: 'workspace-controller.ts',
    from: 'if (this.clusterOrder !== undefined) this.giveCluster(undefined);',
    to: '',
  },
  {
    name: 'who only asks how things are has the cluster brought back',
    file: 'circumstances.ts',
    from: '// Who comes wants it awake, whatever was ordered before. Of the cluster alone: who works in it.',
    to: 'this.#clusterOrder = undefined;',
  },
  {
    name: 'a cluster is not taken down while somebody is there',
    file: 'desired-state.ts',
    from: 'return { target: order.state, cause: order.cause };',
    to: 'return { target, cause };',
  },
  {
    name: 'an agent is taken out in the middle of a step',
    file: 'parts/part-reconciler.ts',
    from: 'this.#jobs.add({ job, resolve, reject });',
    to: 'void this.#runJob(job).then(resolve, (thrown: unknown) => reject(asFactoryError(thrown)));',
  },
  {
    name: 'a cluster that waited for the initialization is made though it is to be down by now',
    file: 'parts/cluster-driver.ts',
    from: "if (configured !== undefined) await configured;\n    if (!stillWanted()) return 'called_off';",
    to: 'if (configured !== undefined) await configured;',
  },
  {
    name: 'what was initialized is cleaned up as soon as nobody is there',
    file: 'workspace-controller.ts',
    from: "if (state === 'awake' || state === 'as-is') return;",
    to: "if (state === 'awake') return;",
  },
  {
    name: 'what was initialized is never cleaned up',
    file: 'workspace-controller.ts',
    from: 'this.#endConfiguration();\n    this.#armTimer();',
    to: 'this.#armTimer();',
  },
  {
    name: 'after a cleanup nobody is asked again',
    file: 'workspace-controller.ts',
    from: 'this.#initialization.end();',
    to: '',
  },
  {
    name: 'of a configuration that a killed factory left nobody sees the end',
    file: 'workspaces.ts',
    from: 'hooks.openConfigurations(),',
    to: '[],',
  },
];
