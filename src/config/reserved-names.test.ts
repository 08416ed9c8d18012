import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { findLabs } from '../labs/load-labs.ts';
import { ownerName } from './default-config.ts';
import { loadConfig } from './load-config.ts';
import { reservedNames } from './reserved-names.ts';

describe('the names that are reserved', () => {
  test.each<[string, string, string, readonly string[], Record<string, string>]>([
    ['nothing', 'lab.test', 'lab.test', [], {}],
    ['those of the list', 'lab.test', 'lab.test', ['www'], { www: 'routes.reserved' }],
    ['the own name right below the domain', 'lab.test', 'console.lab.test', [], { console: 'web.host' }],
    ['the label whose user would have it below', 'lab.test', 'a.b.lab.test', [], { b: 'web.host' }],
    ['nothing for an own name elsewhere', 'lab.test', 'xlab.test', [], {}],
    ['nothing for an own name above', 'lab.test', 'test', [], {}],
    ['below localhost', 'localhost', 'console.localhost', [], { console: 'web.host' }],
  ])('%s', (_what, domain, webHost, reserved, names) => {
    expect(Object.fromEntries(reservedNames({ domain, webHost, reserved }))).toEqual(names);
  });
});

describe('a user of a reserved name', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reserved-'));
    await mkdir(join(folder, 'keys'));
    await mkdir(join(folder, 'labs/plain'), { recursive: true });
    await writeFile(join(folder, 'labs/plain/lab.yaml'), 'container: { image: lab }\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function mistakes(config: string): Promise<string | undefined> {
    await writeFile(join(folder, 'factory.yaml'), `labs: [labs]\n${config}`);
    const thrown: unknown = await loadConfig({
      file: 'factory.yaml',
      workingFolder: folder,
      defaults: {
        owner: ownerName('ida').user,
        images: { node: 'n', traefik: 't' },
        labs: '/none',
        lab: undefined,
      },
      findLabs,
      env: {},
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (thrown === undefined) return undefined;
    if (!(thrown instanceof FactoryError)) throw thrown;
    return thrown.message;
  }

  const KEYS = 'identity: [{ files: keys }]\n';
  const RESERVED = 'routes: { reserved: [www] }\n';
  const byList = 'is reserved by routes.reserved, so no user has that name; take another';

  test('is refused where a group names them', async () => {
    expect(await mistakes(`${KEYS}${RESERVED}groups: [{ name: a, members: [alice, WWW] }]\n`)).toBe(
      `factory.yaml:4:38: groups[0].members[1]: "www" ${byList}`,
    );
  });

  test('is refused at their line of a roster', async () => {
    await writeFile(join(folder, 'class.csv'), 'name,username\nA,alice\nW,www\n');
    expect(await mistakes(`${KEYS}${RESERVED}groups: [{ name: a, roster: class.csv }]\n`)).toBe(
      `class.csv:3:3: "www" ${byList}`,
    );
  });

  test("is refused for the factory's own name, and for what is around it", async () => {
    const web = (host: string) => `domain: lab.test\nweb: { host: ${host} }\n`;
    const groups = `${KEYS}groups: [{ name: a, members: [console] }]\n`;
    const told = '"console" is reserved by web.host, so no user has that name; take another';
    for (const host of ['console.lab.test', 'Console.Lab.test', 'own.console.lab.test']) {
      expect(await mistakes(`${web(host)}${groups}`)).toBe(
        `factory.yaml:5:31: groups[0].members[0]: ${told}`,
      );
    }
    for (const host of ['consoles.lab.test', 'console.test', 'lab.test', 'test']) {
      expect(await mistakes(`${web(host)}${groups}`)).toBeUndefined();
    }
  });

  test('is refused where everybody may come in and there are keys of theirs', async () => {
    await writeFile(join(folder, 'keys/www.keys'), '');
    const told = `factory.yaml:2:21: identity[0].files: has www.keys, and "www" ${byList}`;
    expect(await mistakes(`${KEYS}${RESERVED}`)).toBe(told);
    expect(await mistakes(`${KEYS}${RESERVED}groups: [{ name: a, members: ["*"] }]\n`)).toBe(told);
    expect(await mistakes(`${KEYS}${RESERVED}groups: [{ name: a, members: [alice] }]\n`)).toBeUndefined();
  });

  test('is refused where it is the only user that there is', async () => {
    expect(await mistakes('routes: { reserved: [www, ida] }\n')).toBe(
      'factory.yaml:2:21: routes.reserved: has the name of who runs the factory, ida, and nobody else is let in; take another name',
    );
    expect(await mistakes(RESERVED)).toBeUndefined();
  });

  test('only looks like one', async () => {
    const groups = 'groups: [{ name: a, members: [xwww, www-x, ww, w-ww] }]\n';
    expect(await mistakes(`${KEYS}${RESERVED}${groups}`)).toBeUndefined();
  });
});
