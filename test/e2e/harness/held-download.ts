import { once } from 'node:events';
import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { eventually, PATIENCE } from './eventually.ts';
import { NumberedLines } from './numbered-lines.ts';

export interface DownloadTarget {
  /** "https://alice.lab.test/download", without a port. */
  readonly url: string;
  readonly at: { readonly host: string; readonly port: number };
  /** PEM of what is trusted, for https. */
  readonly ca?: string;
}

/** A download of numbered lines on one connection that is held open, and checked byte by byte. */
export class HeldDownload implements Disposable {
  readonly url: string;
  readonly #answer: IncomingMessage;
  readonly #seen = new NumberedLines();
  #ended: 'in order' | Error | undefined;

  private constructor(url: string, answer: IncomingMessage) {
    this.url = url;
    this.#answer = answer;
    answer.setEncoding('latin1').on('data', (chunk: string) => this.#guarded(() => this.#seen.take(chunk)));
    answer.on('error', (error) => this.#endsWith(error));
    answer.on('close', () => this.#endsWith(new Error('cut off')));
    answer.on('end', () =>
      this.#guarded(() => {
        this.#seen.end();
        this.#endsWith('in order');
      }),
    );
  }

  /** Resolves when the first lines have come. */
  static async open({ url, at, ca }: DownloadTarget): Promise<HeldDownload> {
    const { hostname, pathname, protocol } = new URL(url);
    const options = {
      host: at.host,
      port: at.port,
      path: pathname,
      headers: { host: hostname },
      agent: false,
    };
    const asked =
      protocol === 'https:' ? overHttps({ ...options, servername: hostname, ca }) : overHttp(options);
    asked.end();
    const [answer] = (await once(asked, 'response', { signal: AbortSignal.timeout(PATIENCE) })) as [
      IncomingMessage,
    ];
    const download = new HeldDownload(url, answer);
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw new Error(`${url} answers ${answer.statusCode}`);
    }
    await download.goesOn('it has begun');
    return download;
  }

  /** Lines so far; each was right. */
  get lines(): number {
    return this.#seen.lines;
  }

  /** Resolves when more has come than at this call: whatever happened before it, the download survived. */
  async goesOn(after: string, within = PATIENCE): Promise<void> {
    const before = this.lines;
    const what = `the download from ${this.url} goes on: ${after}`;
    const outcome = await eventually(() => this.#ended ?? (this.lines > before && 'more'), {
      what,
      within,
      every: 20,
    });
    if (outcome !== 'more')
      throw new Error(`not so: ${what}; it ended after ${this.lines} lines`, { cause: outcome });
  }

  /** Resolves with the number of lines when the server has ended it in order. */
  async whole(within = PATIENCE): Promise<number> {
    const what = `the download from ${this.url} ends`;
    const outcome = await eventually(() => this.#ended, { what, within, every: 20 });
    if (outcome !== 'in order') throw new Error(`${what} in order`, { cause: outcome });
    return this.lines;
  }

  [Symbol.dispose](): void {
    this.#answer.destroy();
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#endsWith(error instanceof Error ? error : new Error(String(error)));
      this.#answer.destroy();
    }
  }

  #endsWith(how: 'in order' | Error): void {
    this.#ended ??= how;
  }
}
