import type { Factory } from '../../test/e2e/harness/factory.ts';
import { runFactory } from '../../test/e2e/harness/factory-command.ts';

/** Longer than any cluster takes on a machine that can be measured; ms. */
const LIMIT = 240_000;

/** One workspace's cluster by the factory's HTTP API, as an admin asks for it. Each call resolves with the answer that it is so. */
export class ClusterApi {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static async of(factory: Factory, user: string, lab: string): Promise<ClusterApi> {
    const args = ['token', 'create', '--role', 'admin', '--name', 'bench'];
    const { code, stdout, stderr } = await runFactory(factory.folder, args);
    if (code !== 0) throw new Error(`no token: ${stderr}`);
    return new ClusterApi(`${factory.endpoints.web.url}/api/v1/clusters/${user}/${lab}`, stdout.trim());
  }

  async status(): Promise<void> {
    await this.#call('GET', '');
  }

  /** Has it made, started or resumed, whatever it takes. */
  async ensure(): Promise<void> {
    await this.#call('PUT', `?wait=${LIMIT / 1_000}s`);
  }

  async suspend(): Promise<void> {
    await this.#call('POST', '/suspend');
  }

  async stop(): Promise<void> {
    await this.#call('POST', '/stop');
  }

  async remove(): Promise<void> {
    await this.#call('DELETE', '');
  }

  async #call(method: string, path: string): Promise<void> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(LIMIT),
    });
    const body = await response.text();
    // 202 is "ordered, and not so yet".
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${body}`);
  }
}
