import type { Answer, Operation } from '../../../src/server/openapi/operation.ts';
import { type AnswerSchemaName, answerSchemas } from '../../../src/server/openapi/schemas.ts';
import type { RawAnswer } from '../raw-call.ts';

/** What is wrong with an answer by the document, in words; undefined when nothing is. */
export function faultOf(operation: Operation, answer: Exclude<RawAnswer, 'closed'>): string | undefined {
  const listed = operation.answers[answer.status];
  const told = `${answer.status} ${answer.body.slice(0, 200)}`;
  if (listed === undefined) return `not listed: ${told}`;
  const fault = bodyFault(listed, String(answer.headers['content-type'] ?? ''), answer.body);
  return fault === undefined ? undefined : `${fault}: ${told}`;
}

function bodyFault({ schema, alsoAs, event }: Answer, contentType: string, body: string): string | undefined {
  if (schema === undefined && alsoAs === undefined) return body === '' ? undefined : 'should be empty';
  const [type = ''] = contentType.split(';');
  if (type === 'application/json')
    return schema === undefined ? 'is not listed as JSON' : schemaFault(schema, body);
  if (type !== alsoAs) return `is not listed as ${type}`;
  if (event === undefined) return undefined;
  const data = [...body.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line);
  return data
    .filter((line) => line !== '[DONE]')
    .map((line) => schemaFault(event, line))
    .find((fault) => fault !== undefined);
}

function schemaFault(name: AnswerSchemaName, text: string): string | undefined {
  try {
    const read = answerSchemas[name].safeParse(JSON.parse(text));
    return read.success ? undefined : `is no ${name} (${read.error.issues[0]?.message})`;
  } catch {
    return 'is no JSON';
  }
}
