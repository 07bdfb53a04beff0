const note = 'notePocV2';

/**
 * Inference of the service chart, with PoC v2 inside it: nothing is stopped for that
 * (docs/reference/protocol.md "PoC v2 endpoints"). Names what the chart's own setup defines.
 */
export const serviceInference = {
  initial: 'idle',
  on: {
    'NODE.INFERENCE_DOWN': 'stopped',
    // As on the real node: a model that is up stays as it is, and so does what it computes.
    'NODE.INFERENCE_UP': {
      actions: [
        'forgetEpisode',
        {
          type: 'noteUp',
          params: ({ event }: { event: { readonly body: string } }) => ({ body: event.body }),
        },
      ],
    },
    'POC_V2.GENERATING': { target: '.generating', actions: note },
    'POC_V2.JOB_POSTED': { target: '.validating', actions: note },
    'POC_V2.STOPPED': '.idle',
    'MACHINE.LOST': { guard: 'isPocV2Machine', target: '.idle', actions: note },
  },
  states: {
    idle: {},
    generating: {
      on: {
        'POC_V2.JOB_POSTED': { actions: note },
        'POC_V2.ENDED': { guard: 'isPocV2Machine', target: 'idle' },
      },
    },
    /** Until the last verdict is on its way. */
    validating: {
      on: {
        'POC_V2.VERDICT': [{ guard: 'isLastJob', target: 'idle', actions: note }, { actions: note }],
        'POC_V2.JOB_REFUSED': [{ guard: 'isLastJob', target: 'idle', actions: note }, { actions: note }],
      },
    },
  },
} as const;
