import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Fault } from '../../errors.ts';

const fault = z.strictObject({ code: z.string(), class: z.string(), message: z.string() }).nullable();

/** `GET /v1/notices`: the channels of alerts, and the last messages to them. Instants in Unix milliseconds. */
export const noticesAnswer = z.strictObject({
  channels: z.array(
    z.strictObject({
      name: z.string(),
      failures: z.number(),
      fault,
      sentAt: z.number().nullable(),
      pausedUntil: z.number().nullable(),
    }),
  ),
  /** Newest first. */
  notices: z.array(
    z.strictObject({
      id: z.number(),
      channel: z.string(),
      status: z.enum(['queued', 'sent', 'refused', 'expired', 'dropped']),
      createdAt: z.number(),
      attempts: z.number(),
      finishedAt: z.number().nullable(),
      fault,
      /** As the web hook posts it. */
      notice: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type NoticesAnswer = z.infer<typeof noticesAnswer>;

/** What is known of messages to people. */
export interface NoticeBooks {
  view(): {
    readonly channels: readonly (Omit<NoticesAnswer['channels'][number], 'fault'> & {
      readonly fault: Fault | null;
    })[];
    readonly notices: readonly (Omit<NoticesAnswer['notices'][number], 'fault' | 'notice'> & {
      readonly fault: Fault | null;
      readonly body: string;
    })[];
  };
}

const nobody: NoticeBooks = { view: () => ({ channels: [], notices: [] }) };

export function noticesRoute(app: FastifyInstance, books: NoticeBooks = nobody): void {
  app.get('/v1/notices', (_request, reply) => {
    const { channels, notices } = books.view();
    const answer: NoticesAnswer = {
      channels: [...channels],
      notices: notices.map(({ body, ...rest }) => ({
        ...rest,
        notice: JSON.parse(body) as Record<string, unknown>,
      })),
    };
    return reply.send(answer);
  });
}
