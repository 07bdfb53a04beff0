import { z } from 'zod';
import { Secret } from '../secret.ts';
import * as values from './value-schemas.ts';

const baseUrl = values.baseUrl.transform((url) => url.replace(/\/v1$/, ''));
const key = values.text.transform((value) => new Secret(value));
const name = z.string().regex(/^[\w.-]{1,32}$/, 'must be 1 to 32 letters, digits, dots, - or _');

export const stream = values.choice(['always', 'asAsked']);
export const streamOptions = values.choice(['auto', 'on', 'off']);
export const requestsPerMinute = values.count(1, 1_000_000);

/** The settings of further back ends, by name. */
export const furtherUpstreams = {
  UPSTREAM_2_BASE_URL: baseUrl.optional(),
  UPSTREAM_2_API_KEY: key.optional(),
  UPSTREAM_2_MODEL: values.text.optional(),
  UPSTREAM_2_NAME: name,
  UPSTREAM_2_STREAM: stream,
  UPSTREAM_2_STREAM_OPTIONS: streamOptions,
  UPSTREAM_2_REQUESTS_PER_MINUTE: requestsPerMinute.optional(),
  UPSTREAM_3_BASE_URL: baseUrl.optional(),
  UPSTREAM_3_API_KEY: key.optional(),
  UPSTREAM_3_MODEL: values.text.optional(),
  UPSTREAM_3_NAME: name,
  UPSTREAM_3_STREAM: stream,
  UPSTREAM_3_STREAM_OPTIONS: streamOptions,
  UPSTREAM_3_REQUESTS_PER_MINUTE: requestsPerMinute.optional(),
};

const tableRow = /^([^\s=~@,]{1,256})([=~])([^\s=~@,]{1,256})(?:@([\w.-]{1,32}))?$/;

/** `asked=served`, `asked~served`, each with `@name` or without, comma separated. */
export const modelTable = z.string().transform((value, context) =>
  value.split(',').flatMap((part) => {
    const row = part.trim();
    if (row === '') return [];
    const [, asked, sign, served, backEnd] = tableRow.exec(row) ?? [];
    if (asked === undefined || served === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'must be rows of asked=served or asked~served, each perhaps with @name',
      });
      return z.NEVER;
    }
    return [{ asked, served, isSameWeights: sign === '=', ...(backEnd === undefined ? {} : { backEnd }) }];
  }),
);
