import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { PATIENCE } from './eventually.ts';

/** Debian's; another one by `CHROMIUM`. */
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function browserInstalled(): Promise<boolean> {
  return access(PROGRAM).then(
    () => true,
    () => false,
  );
}

export interface BrowserOptions {
  /** Certificates of authorities that its user has trusted, PEM. */
  readonly trusts?: readonly string[];
  /** The computer that it runs on, where that is not this one: its network, and the address that every name has there. */
  readonly on?: { readonly namespace: string; readonly edge: string };
}

/** A real browser with a profile of its own that is thrown away. */
export class Browser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start({ trusts = [], on }: BrowserOptions = {}): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'e2e-browser-'));
    await trust(profile, trusts);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: on === undefined ? PROGRAM : await programOn(on.namespace, profile),
      // Where it keeps whom its user trusts.
      env: { ...process.env, HOME: profile },
      headless: true,
      timeout: PATIENCE,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        ...(on === undefined ? [] : [`--host-resolver-rules=MAP * ${on.edge}`]),
      ],
    });
    return new Browser(context, profile);
  }

  async open(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(url, { timeout: PATIENCE });
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** Puts certificates where Chromium and its kin on Linux look for those that the user has added. */
async function trust(home: string, certificates: readonly string[]): Promise<void> {
  if (certificates.length === 0) return;
  const database = join(home, '.pki/nssdb');
  await mkdir(database, { recursive: true });
  const certutil = (args: readonly string[], input = '') =>
    execa('certutil', ['-d', `sql:${database}`, ...args], { input, timeout: PATIENCE });
  await certutil(['-N', '--empty-password']);
  for (const [index, pem] of certificates.entries())
    await certutil(['-A', '-n', `authority ${index}`, '-t', 'C,,'], pem);
}

/** A program that is the browser in another network. */
async function programOn(namespace: string, folder: string): Promise<string> {
  const program = join(folder, 'chromium-there');
  await writeFile(program, `#!/bin/sh\nexec nsenter --net='${namespace}' -- '${PROGRAM}' "$@"\n`, {
    mode: 0o755,
  });
  return program;
}
