import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's; another one by `CHROMIUM`. */
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function browserInstalled(): Promise<boolean> {
  return access(PROGRAM).then(
    () => true,
    () => false,
  );
}

/** A real browser with a profile of its own that is thrown away. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'e2e-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: PROGRAM,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new Browser(context, profile);
  }

  async open(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(url, { timeout: 30_000 });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}
