import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FactoryError } from '../errors/factory-error.ts';
import { labSchema } from '../labs/lab-schema.ts';
import { groupProblems } from './checks/group-checks.ts';
import { listenProblems } from './checks/listen-checks.ts';
import { ConfigDraft } from './config-draft.ts';
import { ProblemsError } from './problem.ts';
import { configSchema } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { parseYamlDocument } from './yaml-document.ts';

/** Texts from nonsense to nearly right: characters, YAML's own signs, any value, and values under the real keys. */
const yamlText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '&x ',
        '*x',
        '[',
        ']',
        '{',
        '}',
        '"',
        '|',
        '!!map ',
        '? ',
        '<<: ',
        '#',
        '---',
        '1',
        '~',
      ),
    )
    .map((parts) => parts.join('')),
  fc.jsonValue().map((value) => stringify(value)),
  fc
    .dictionary(
      fc.constantFrom(...Object.keys(configSchema.shape), ...Object.keys(labSchema.shape), '__proto__'),
      fc.jsonValue(),
    )
    .map((value) => stringify(value)),
  fc
    .record(
      {
        groups: fc.array(
          fc.record({ name: fc.string(), members: fc.array(fc.string()) }, { requiredKeys: [] }),
        ),
        identity: fc.array(fc.record({ files: fc.string(), github: fc.object() }, { requiredKeys: [] })),
        ssh: fc.record({ listen: fc.string() }),
      },
      { requiredKeys: [] },
    )
    .map((value) => stringify(value)),
);

/** Two seconds on a quiet machine; ms. */
const BUSY = 30_000;

test('no text makes the reader throw, and every problem has a place inside the text', {
  timeout: BUSY,
}, () => {
  fc.assert(
    fc.property(yamlText, (text) => {
      const document = parseYamlDocument('/f.yaml', text);
      const draft = new ConfigDraft(document, '/');
      const problems = [
        ...document.problems,
        ...schemaProblems(document, configSchema),
        ...schemaProblems(document, labSchema),
        ...listenProblems(draft),
        ...groupProblems(draft),
      ];
      const lines = text.split('\n').length;
      for (const { line, column, message } of problems) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines + 1);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).not.toBe('');
      }
      expect(new ProblemsError('CONFIG_INVALID', problems, '/')).toBeInstanceOf(FactoryError);
    }),
    { numRuns: 600 },
  );
});

test('aliases that unfold without end are refused', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, index) => {
      const before = 'abcdefgh'[index];
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`;
    }),
  ].join('\n');
  expect(parseYamlDocument('/f.yaml', bomb)).toMatchObject({ readable: false, problems: [{ line: 1 }] });
});
