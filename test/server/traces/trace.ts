import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { answerSchemas, type AnswerSchemaName } from '../../../src/server/openapi/schemas.ts';

const schemaName = z.enum(Object.keys(answerSchemas) as [AnswerSchemaName, ...AnswerSchemaName[]]);

/** The exact JSON; nothing; or, where a back end speaks, the schema of the whole or of each event. */
const answer = z.union([
  z.strictObject({ status: z.int(), json: z.unknown() }),
  z.strictObject({ status: z.int(), empty: z.literal(true) }),
  z.strictObject({ status: z.int(), schema: schemaName }),
  z.strictObject({ status: z.int(), stream: schemaName }),
]);
const call = z.strictObject({
  /** Height relative to `poc_start`, as `S+60`. */
  at: z.string().regex(/^S[+-]\d+$/),
  /** The command or loop of the Network Node that this call belongs to. */
  command: z.string(),
  port: z.enum(['management', 'inference']),
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  /** The very bytes. */
  body: z.string().optional(),
  contentType: z.string().optional(),
  answer,
});
const event = z.strictObject({ at: z.string(), meanwhile: z.literal("the machine's model is loaded") });

const trace = z.strictObject({
  title: z.string(),
  source: z.string(),
  remarks: z.array(z.string()),
  expectedModel: z.string(),
  calls: z.array(z.union([call, event])),
});

export type Trace = z.infer<typeof trace>;
export type TracedCall = z.infer<typeof call>;
export type TracedAnswer = z.infer<typeof answer>;

/** A golden trace: what a Network Node sends in one epoch, and what it is answered. */
export const readTrace = (name: 'v1-epoch' | 'v2-epoch'): Trace =>
  trace.parse(JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8')));

export const callsOf = ({ calls }: Trace): TracedCall[] =>
  calls.filter((each): each is TracedCall => !('meanwhile' in each));
