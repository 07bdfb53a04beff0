import type { FastifyInstance } from 'fastify';

/** Everything that is measured, as text for Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

const nothing: MetricsText = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  text: () => Promise.resolve(''),
};

/** `GET /metrics`; empty where nothing is measured. */
export function metricsRoute(app: FastifyInstance, metrics: MetricsText = nothing): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}
