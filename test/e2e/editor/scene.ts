import { basename } from 'node:path';
import { bridgeAddress, ClientMachine } from '../harness/client-machine.ts';
import { docker } from '../harness/docker.ts';
import { EventRecorder } from '../harness/event-recorder.ts';
import { Factory } from '../harness/factory.ts';
import type { Student } from '../harness/student.ts';
import { Workspace } from '../harness/workspace.ts';
import { packServer, sendServer } from './archive.ts';
import { Lights } from './lights.ts';
import { type Seat, seatAt } from './seat.ts';
import { EditorWindow, type WindowOptions } from './window.ts';

interface SceneOptions {
  /** ms */
  readonly grace: number;
  /** `ssh.keepalive`; absent: the default. */
  readonly keepalive?: { readonly interval: string; readonly count: number };
}

type SceneParts = Pick<Scene, 'factory' | 'alice' | 'workspace' | 'lights' | 'laptop'>;

/** A student with an editor, at a laptop and at this host, and a lab with a cluster that nobody has used yet. */
export class Scene {
  readonly factory: Factory;
  readonly alice: Student;
  readonly workspace: Workspace;
  readonly lights: Lights;
  readonly laptop: ClientMachine;
  readonly #stack: AsyncDisposableStack;
  readonly #archive: string;

  private constructor(parts: SceneParts, stack: AsyncDisposableStack, archive: string) {
    this.factory = parts.factory;
    this.alice = parts.alice;
    this.workspace = parts.workspace;
    this.lights = parts.lights;
    this.laptop = parts.laptop;
    this.#stack = stack;
    this.#archive = archive;
  }

  static async open(stack: AsyncDisposableStack, { grace, keepalive }: SceneOptions): Promise<Scene> {
    const recorder = stack.use(await EventRecorder.start());
    const ssh = { listen: `${await bridgeAddress()}:0`, ...(keepalive === undefined ? {} : { keepalive }) };
    const factory = stack.use(await Factory.start({ grace: `${grace}ms`, config: { ssh } }));
    const alice = await factory.student('alice');
    const workspace = new Workspace(factory, 'alice');
    const instance = await factory.instance();
    const lights = new Lights({ recorder, instance, user: 'alice', workspace, grace });
    const laptop = stack.use(await ClientMachine.boot(alice, basename(factory.folder)));
    const archive = await packServer(factory.folder);
    return new Scene({ factory, alice, workspace, lights, laptop }, stack, archive);
  }

  get seat(): Seat {
    return seatAt(this.laptop);
  }

  /** A window of the student's, which ends with the scene. */
  async window(seat: Seat, options: Partial<WindowOptions> = {}): Promise<EditorWindow> {
    const send = () => sendServer(this.alice, this.#archive);
    return this.#stack.use(await EditorWindow.open({ student: this.alice, seat, send, ...options }));
  }

  /** Packets between the laptop and the factory's SSH vanish. */
  async dropLine(): Promise<void> {
    await this.laptop.cutPort(this.factory.endpoints.ssh.port);
  }

  /** They vanish for so long; ms. */
  async dropLineFor(duration: number): Promise<void> {
    await this.laptop.cutPortFor(this.factory.endpoints.ssh.port, duration);
  }

  async mendLine(): Promise<void> {
    await this.laptop.mendPort(this.factory.endpoints.ssh.port);
  }

  /** Command lines of all that runs in the student's container, by the host's process ids. */
  async processes(): Promise<ReadonlyMap<number, string>> {
    const { Id } = await this.workspace.labContainer();
    const [, ...lines] = (await docker(['top', Id, '-eo', 'pid,args'])).split('\n');
    return new Map(
      lines.map((line) => {
        const [, pid = '', args = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
        return [Number(pid), args];
      }),
    );
  }
}
