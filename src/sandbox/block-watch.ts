import { eventStream } from './event-stream.ts';

export interface SeenBlock {
  readonly height: number;
  readonly phase: string;
  readonly epochIndex: number;
  readonly pocStart: number;
  readonly validationEnd: number;
  readonly nextPocStart: number;
}

interface BlockEvent {
  readonly height: number;
  readonly epochs: {
    readonly phase: string;
    readonly epoch_stages: {
      readonly epoch_index: number;
      readonly poc_start: number;
      readonly poc_validation_end: number;
      readonly next_poc_start: number;
    };
  };
}

/** The sandbox chain's blocks, one by one. */
export async function* blocksOf(chainUrl: string, signal: AbortSignal): AsyncGenerator<SeenBlock> {
  for await (const { data } of eventStream(`${chainUrl}/sandbox/blocks`, signal)) {
    const { height, epochs } = JSON.parse(data) as BlockEvent;
    const stages = epochs.epoch_stages;
    yield {
      height,
      phase: epochs.phase,
      epochIndex: stages.epoch_index,
      pocStart: stages.poc_start,
      validationEnd: stages.poc_validation_end,
      nextPocStart: stages.next_poc_start,
    };
  }
}
