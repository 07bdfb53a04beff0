import type { AnswerSchemaName, RequestSchemaName } from './schemas.ts';

/** A listener as an operator configures it: the three forms of the gateway, and inspection. */
export type Listener = 'shared' | 'management' | 'inference' | 'inspection';

/** Whose errors and whose keys an operation has. `open` is free of both. */
export type Half = 'management' | 'inference' | 'inspection' | 'open';

export interface Answer {
  readonly description: string;
  /** Of a JSON body; with `stream` of the data of one event. Absent = no body, or the plain text. */
  readonly schema?: AnswerSchemaName;
  /** Beside JSON, or instead of it, the same status comes in this form. */
  readonly alsoAs?: 'text/plain' | 'text/event-stream' | 'text/html' | 'text/javascript' | 'text/markdown';
  /** Of one event, where the status comes as a stream. */
  readonly event?: AnswerSchemaName;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly pattern?: string;
}

/** One route, as the OpenAPI document says it. What every route of its half may answer too is added there. */
export interface Operation {
  readonly method: 'get' | 'post' | 'delete';
  /** A parameter stands as `{name}`. */
  readonly path: string;
  readonly half: Half;
  readonly listeners: readonly Listener[];
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  /** JSON, whatever the Content-Type says. Several schemas: any of them. */
  readonly body?: { readonly schemas: readonly RequestSchemaName[]; readonly isRequired: boolean };
  readonly answers: Readonly<Record<number, Answer>>;
  /** When the connection is closed without an answer. */
  readonly unanswered?: string;
}

export const management: readonly Listener[] = ['shared', 'management'];
export const inference: readonly Listener[] = ['shared', 'inference'];
