import { z } from 'zod';
import { duration } from '../../config/values.ts';

const DEFAULT_TIMEOUT = '10s';
/** Longest for one try of a hook, ms: somebody may be waiting. */
const LONGEST_TIMEOUT = 60_000;
const MOST_VALUES = 32;

/** A token (RFC 9110 §5.6.2). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** What the sender writes itself: who may set them could change what a call is or whose it is. */
const OWN_HEADERS =
  /^(?:host|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|transfer-encoding|content-.*|webhook-.*)$/i;

const headerName = z
  .string()
  .regex(HEADER_NAME, { error: 'is no name of an HTTP header', abort: true })
  .refine((name) => !OWN_HEADERS.test(name), { error: 'is written by the factory itself; leave it out' });

/** A field value (RFC 9110 §5.5): visible ASCII, spaces and tabs between, so no line can be added. */
const headerValue = z
  .string()
  .max(4096)
  .regex(/^(?:[!-~](?:[\t -~]*[!-~])?)?$/, { error: 'must be one line of plain ASCII characters' });

const url = z
  .string()
  .max(2048)
  .refine(isHttpUrl, {
    error: 'must be a URL such as https://hooks.example.org/lab, without a user or # part',
  })
  .meta({ description: 'Where the call goes; http or https.' });

const timeout = duration
  .refine((ms) => ms >= 1 && ms <= LONGEST_TIMEOUT, { error: 'must be from 1ms to 60s' })
  .prefault(DEFAULT_TIMEOUT)
  .meta({ description: 'Of one try.' });

/** The name behind `values.`: as the templates can write it. */
export const valueName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, { error: 'must be a name of lower-case letters, digits and _' });

const call = {
  url,
  secret: z
    .string()
    .min(1)
    .max(256)
    .regex(/^(?:(?!whsec_)[^\0]+|whsec_[A-Za-z0-9+/]+={0,2})$/, { error: 'must have base64 after whsec_' })
    .optional()
    .meta({
      description:
        'Signs the calls (Standard Webhooks), whsec_…; better {{ secrets.<name> }}. Absent: they are not signed.',
    }),
  headers: z
    .record(headerName, headerValue)
    .default({})
    .meta({ description: 'HTTP headers beside our own.' }),
  timeout,
} as const;

const hook = z.strictObject(call);

const initialization = z.strictObject({
  ...call,
  required: z.boolean().default(false).meta({ description: 'Whether nobody comes in where the call fails.' }),
  values: z
    .array(valueName)
    .max(MOST_VALUES)
    .default([])
    .meta({ description: 'What the answer may bring for templates: {{ values.<name> }}; empty until then.' }),
});

export const hooks = z
  .strictObject({
    initialization: initialization.optional().meta({
      description: 'When a workspace is configured, before the shell of the first session.',
    }),
    first_session: hook.optional().meta({ description: 'When the first session has begun.' }),
    session_start: hook.optional().meta({ description: 'When a session has begun.' }),
    session_end: hook.optional().meta({ description: 'When a session has ended.' }),
    last_session: hook.optional().meta({ description: 'At once when the last session has ended.' }),
    cleanup: hook.optional().meta({
      description: 'Once for each initialization, when the grace time has passed.',
    }),
    delete: hook.optional().meta({ description: 'When the workspace was deleted.' }),
  })
  .prefault({})
  .meta({ description: 'HTTP calls that the factory makes for the lab.' });

export type HooksFile = z.output<typeof hooks>;

function isHttpUrl(text: string): boolean {
  // URL.parse drops line breaks and spaces around; what it would mend is a mistake here.
  if (/[\p{Cc}\s]/u.test(text)) return false;
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return false;
  return parsed.username === '' && parsed.password === '' && parsed.hash === '';
}
