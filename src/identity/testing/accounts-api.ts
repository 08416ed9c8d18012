import { type Answer, notFound, text } from './key-server.ts';

/** Who has which name, as GitHub tells it: `/users/<name>`, case does not matter. */
export class TestAccounts {
  readonly #ids = new Map<string, number>();
  /** From an id to the name that the account has, where it was renamed. */
  readonly #moved = new Map<string, number>();

  /** From now on the name is this account. */
  register(name: string, id: number): void {
    this.#ids.set(name, id);
    this.#moved.delete(name);
  }

  /** The account has another name from now on; its old one leads to it until somebody else takes it. */
  rename(from: string, to: string): void {
    const id = this.#ids.get(from);
    if (id === undefined) return;
    this.#ids.delete(from);
    this.#ids.set(to, id);
    this.#moved.set(from, id);
  }

  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  readonly answer: Answer = (response, request) => {
    const path = request.url ?? '';
    const name = /^\/users\/([^/]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
    const moved = this.#moved.get(name);
    if (moved !== undefined) return response.writeHead(301, { location: `/user/${moved}` }).end();
    const byId = Number(/^\/user\/(\d+)$/.exec(path)?.[1]);
    const owner = [...this.#ids].find(([each, id]) => each === name || id === byId);
    if (owner === undefined) return notFound(response, request);
    const [login, id] = owner;
    const body = JSON.stringify({ id, login: login.toUpperCase(), type: 'User' });
    return text(body, 'application/json; charset=utf-8')(response, request);
  };
}
