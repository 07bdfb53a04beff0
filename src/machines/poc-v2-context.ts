/** PoC v2 that the Network Node has started on us and a machine has taken. */
export interface RunningPocV2 {
  readonly leaseId: string;
  /** The init body exactly as the Network Node sent it. */
  readonly initBody: string;
  readonly model: string;
  readonly blockHash: string;
  /** Height of the stage: `poc_start`, or the trigger of a confirmation PoC. */
  readonly blockHeight: number;
  readonly publicKey: string;
  readonly nodeId: number;
  readonly nodeCount: number;
  /** Scheme, host and port to which callbacks go; null when the call named no `url`. */
  readonly callbackOrigin: string | null;
  /** Path (and query) of `url`, byte for byte: it carries a twice encoded model id. */
  readonly callbackPath: string | null;
}

/** A validation that was posted to a machine; its verdict comes back as a callback. */
export interface PocV2Job {
  readonly leaseId: string;
  /** Of the participant that is judged. */
  readonly publicKey: string;
  readonly blockHash: string;
  readonly blockHeight: number;
  readonly callbackOrigin: string;
  readonly callbackPath: string;
  readonly nonceCount: number;
  readonly isAnswered: boolean;
}

/** What tells a validation from every other one of the same machine. */
export type PocV2JobKey = Pick<PocV2Job, 'publicKey' | 'blockHeight' | 'callbackPath'>;

/** The part of the service's context that is about PoC v2. */
export interface PocV2Context {
  /** The last init that a machine took; what runs of it is the state's to say. */
  readonly pocV2: RunningPocV2 | null;
  readonly pocV2Jobs: readonly PocV2Job[];
  /** Of the last PoC that the Network Node started; null before the first. */
  readonly calledPocVersion: 'v1' | 'v2' | null;
  /** Whether it has ever asked for the status of PoC v2, which only newer ones do. */
  readonly isPocV2Polled: boolean;
  /** Where callbacks of the last PoC went, `http://api:9100/v1/poc-batches`; null before the first. */
  readonly callbackBase: string | null;
}

export const noPocV2: PocV2Context = {
  pocV2: null,
  pocV2Jobs: [],
  calledPocVersion: null,
  isPocV2Polled: false,
  callbackBase: null,
};

export type PocV2Event =
  | {
      readonly type: 'NODE.POC_CALLED';
      readonly version: 'v1' | 'v2';
      readonly callbackBase: string | null;
    }
  | { readonly type: 'NODE.POC_V2_POLLED' }
  | { readonly type: 'POC_V2.GENERATING'; readonly poc: RunningPocV2 }
  | { readonly type: 'POC_V2.JOB_POSTED'; readonly job: PocV2Job }
  /** The machine did not take it. */
  | { readonly type: 'POC_V2.JOB_REFUSED'; readonly job: PocV2JobKey }
  | { readonly type: 'POC_V2.VERDICT'; readonly job: PocV2JobKey }
  | { readonly type: 'POC_V2.STOPPED' }
  /** The machine says by itself that it generates no more. */
  | { readonly type: 'POC_V2.ENDED'; readonly leaseId: string };

/** A network of so many participants would be ten times today's; beyond it the oldest is forgotten. */
const jobsMax = 4_096;

/** What an event changes in the context, whatever the state. Other events change nothing. */
export function pocV2After(context: PocV2Context, event: { readonly type: string }): Partial<PocV2Context> {
  const { pocV2Jobs: jobs } = context;
  const said = event as PocV2Event | { readonly type: 'MACHINE.LOST'; readonly leaseId: string };
  switch (said.type) {
    case 'NODE.POC_CALLED':
      return { calledPocVersion: said.version, callbackBase: said.callbackBase };
    case 'NODE.POC_V2_POLLED':
      return { isPocV2Polled: true };
    case 'POC_V2.GENERATING':
      // Verdicts of another stage cannot come any more once a new one was begun.
      return { pocV2: said.poc, pocV2Jobs: jobs.filter(ofStage(said.poc.blockHeight)) };
    case 'POC_V2.JOB_POSTED':
      return { pocV2Jobs: [...jobs.filter((job) => !isSameJob(job, said.job)), said.job].slice(-jobsMax) };
    case 'POC_V2.JOB_REFUSED':
      return { pocV2Jobs: jobs.filter((job) => !isSameJob(job, said.job)) };
    case 'POC_V2.VERDICT':
      return {
        pocV2Jobs: jobs.map((job) => (isSameJob(job, said.job) ? { ...job, isAnswered: true } : job)),
      };
    case 'MACHINE.LOST':
      return {
        pocV2: context.pocV2?.leaseId === said.leaseId ? null : context.pocV2,
        pocV2Jobs: jobs.filter((job) => job.leaseId !== said.leaseId),
      };
    default:
      return {};
  }
}

export const isSameJob = (a: PocV2JobKey, b: PocV2JobKey): boolean =>
  a.publicKey === b.publicKey && a.blockHeight === b.blockHeight && a.callbackPath === b.callbackPath;

/** Whether nothing is left to judge after an event about one validation. */
export function isLastJob(context: PocV2Context, event: { readonly type: string }): boolean {
  const { job } = event as Extract<PocV2Event, { type: 'POC_V2.VERDICT' }>;
  return context.pocV2Jobs.every((other) => other.isAnswered || isSameJob(other, job));
}

/** Whether that machine has work of PoC v2. */
export function isPocV2Machine(context: PocV2Context, event: { readonly type: string }): boolean {
  const { leaseId } = event as { readonly type: string; readonly leaseId: string };
  return context.pocV2?.leaseId === leaseId || context.pocV2Jobs.some((job) => job.leaseId === leaseId);
}

const ofStage =
  (blockHeight: number) =>
  (job: PocV2Job): boolean =>
    job.blockHeight === blockHeight;
