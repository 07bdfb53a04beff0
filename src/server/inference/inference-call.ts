import type { ServerResponse } from 'node:http';
import type { UpstreamExchange, UpstreamHead, UpstreamReceiver } from '../../adapters/upstream/interface.ts';
import type { HybridError } from '../../errors.ts';
import { AggregateAnswer } from './aggregate-answer.ts';
import type { Answer } from './answer.ts';
import { usageOfAnswer } from './answer-usage.ts';
import type { CallRoom } from './call-room.ts';
import { CallerReply } from './caller-reply.ts';
import { chooseCandidate } from './candidate-choice.ts';
import type { Candidate, InferenceCaller } from './desk.ts';
import type { InferenceRequest } from './inference-request.ts';
import { PlainAnswer } from './plain-answer.ts';
import { RefusedAnswer } from './refused-answer.ts';
import { mapRequest } from './request-mapping.ts';
import {
  badAnswer,
  type ClientFailure,
  failureOfError,
  failureOfStatus,
  noBackEnd,
  noTurn,
  tooSlow,
} from './status-table.ts';
import { StreamAnswer } from './stream-answer.ts';

export interface InferenceCallOptions {
  readonly room: CallRoom;
  readonly request: InferenceRequest;
  /** The request's body as it came. */
  readonly bytes: Buffer;
  readonly caller: InferenceCaller;
  readonly candidates: readonly Candidate[];
  readonly raw: ServerResponse;
}

/** Longest wait for a turn at a back end's rate, all looks together, real milliseconds. */
const turnWaitMsMax = 5_000;
/** Every further one costs tokens, and time that the caller waits. */
const attemptsMax = 2;
/** For a back end to end its body behind the end of its answer, real milliseconds. */
const lingerMsMax = 2_000;
/** A caller that reads nothing for this long is cut off, real milliseconds. */
const stallMsMax = 120_000;

/**
 * One request from its reading to the last byte of its answer. It is its own receiver at the back end and has no
 * promise on its way: bytes come in, are looked at and go out within one turn of the event loop.
 */
export class InferenceCall implements UpstreamReceiver {
  readonly #options: InferenceCallOptions;
  readonly #reply: CallerReply;
  readonly #model: string;
  readonly #place: number;
  #candidate: Candidate | undefined;
  #candidatePlace = -1;
  #exchange: UpstreamExchange | undefined;
  #answer: Answer | undefined;
  #attempts = 0;
  #sentAt = 0;
  #hasBytes = false;
  #retryAfterSeconds: number | null = null;
  #waiting: { cancel(): void } | undefined;
  /** Until when it waits for a turn at most. */
  #turnUntil: number | undefined;
  #isSettled = false;
  #settledAt = 0;
  #isClosed = false;

  constructor(options: InferenceCallOptions) {
    this.#options = options;
    const { room, request, raw, caller } = options;
    this.#reply = new CallerReply(raw, caller);
    this.#model = request.model ?? room.desk.model;
    this.#place = room.calls.add(this);
    raw.once('close', () => this.#closed());
  }

  start(): void {
    this.#next(0);
  }

  head(head: UpstreamHead): void {
    const failure = failureOfStatus(head.status);
    this.#retryAfterSeconds = head.retryAfterSeconds;
    if (failure === undefined) {
      const answer = this.#answerFor(head.contentType);
      if (answer === undefined) this.#failed(badAnswer);
      else this.#answer = answer;
    } else if (head.status === 422) this.#answer = new RefusedAnswer(failure);
    else this.#failed(failure);
  }

  data(bytes: Buffer): boolean {
    if (this.#isSettled) return true;
    this.#hasBytes = true;
    const isRoom = this.#answer?.push(bytes) ?? true;
    if (this.#answer?.verdict !== undefined) this.#settle(this.#answer);
    return isRoom;
  }

  end(): void {
    this.#exchange = undefined;
    if (this.#isSettled) this.#leavePlace();
    else if (this.#answer !== undefined) {
      this.#answer.end();
      this.#settle(this.#answer);
    }
  }

  failed(error: HybridError): void {
    this.#exchange = undefined;
    if (this.#isSettled) this.#leavePlace();
    else this.#failed(failureOfError(error));
  }

  sweep(nowMs: number): void {
    const { stalledSince } = this.#reply;
    if (stalledSince > 0 && nowMs - stalledSince > stallMsMax) this.#options.raw.destroy();
    if (this.#exchange === undefined || this.#candidate === undefined) return;
    if (this.#isSettled) {
      if (nowMs - this.#settledAt < lingerMsMax) return;
      this.#letGo();
      this.#leavePlace();
      return;
    }
    const { firstTokenMs, totalMs } = this.#candidate.backEnd.limits;
    const waitedMs = nowMs - this.#sentAt;
    if (waitedMs > totalMs || (!this.#hasBytes && waitedMs > firstTokenMs)) this.#failed(tooSlow);
  }

  #next(from: number): void {
    const { room, candidates } = this.#options;
    const choice = chooseCandidate(candidates, from);
    if ('candidate' in choice) {
      this.#candidatePlace = choice.place;
      this.#send(choice.candidate);
      return;
    }
    const again = (): void => {
      this.#waiting = undefined;
      this.#next(from);
    };
    this.#turnUntil ??= performance.now() + turnWaitMsMax;
    const leftMs = this.#turnUntil - performance.now();
    if (choice.want === 'rate' && choice.waitMs <= leftMs)
      this.#waiting = room.waitForTurn(choice.waitMs, again);
    if (this.#waiting !== undefined) return;
    if (Number.isFinite(choice.waitMs))
      this.#retryAfterSeconds = Math.max(1, Math.ceil(choice.waitMs / 1000));
    this.#refuse(choice.want === 'rate' ? noTurn : noBackEnd);
  }

  #send(candidate: Candidate): void {
    const { request, bytes } = this.#options;
    const { backEnd, model } = candidate;
    this.#candidate = candidate;
    this.#answer = undefined;
    this.#hasBytes = false;
    this.#retryAfterSeconds = null;
    this.#attempts += 1;
    this.#sentAt = performance.now();
    const { dialect } = backEnd;
    const isStreamForced = backEnd.stream === 'always' && !request.isStream;
    const mapped = mapRequest(request, { dialect, traits: backEnd.traits(model), model, isStreamForced });
    const body = mapped === request.fields.text ? bytes : mapped;
    const path = request.kind === 'chat' ? '/chat/completions' : '/completions';
    this.#exchange = backEnd.upstream.exchange({ path, body }, this);
  }

  /** Undefined when the back end answers in a form that this caller did not ask for. */
  #answerFor(contentType: string): Answer | undefined {
    const { request, caller } = this.#options;
    const reply = this.#reply;
    const model = this.#model;
    const isStream = /^text\/event-stream\b/i.test(contentType);
    if (!request.isStream) {
      const whole = { request, model, reply };
      return isStream ? new AggregateAnswer(whole) : new PlainAnswer(whole);
    }
    if (!isStream) return undefined;
    return new StreamAnswer({ request, model, caller, reply, resume: () => this.#exchange?.resume() });
  }

  #settle(answer: Answer): void {
    const { verdict } = answer;
    if (this.#isSettled || verdict === undefined) return;
    if (verdict !== 'complete') {
      this.#failed(verdict);
      return;
    }
    this.#isSettled = true;
    // Behind its [DONE] a back end has only to end the body; ended by us, its connection would be lost.
    this.#settledAt = performance.now();
    this.#candidate?.backEnd.note({ kind: 'answered' });
    this.#account(true);
  }

  #letGo(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.abort();
  }

  /** The attempt came to nothing: told to the back end's books, then another one, or the end. */
  #failed(failure: ClientFailure): void {
    if (this.#isSettled) return;
    this.#letGo();
    this.#noteFailure(failure);
    if (this.#reply.hasBegun) {
      this.#isSettled = true;
      this.#reply.breakOff(failure);
      this.#count(failure);
      this.#account(false);
      return;
    }
    if (this.#answer !== undefined && failure.status === 503) this.#account(false);
    if (failure.again === 'never' || this.#attempts >= attemptsMax) {
      this.#refuse(failure);
      return;
    }
    const { candidates } = this.#options;
    const pause = this.#retryAfterSeconds;
    const choice = chooseCandidate(candidates, this.#candidatePlace + 1);
    if ('candidate' in choice) {
      this.#candidatePlace = choice.place;
      this.#send(choice.candidate);
    } else if (failure.again === 'anywhere' && pause === null && this.#mayRepeat())
      this.#send(this.#candidate as Candidate);
    else this.#refuse(failure);
  }

  /** The same back end once more, if it still stands and has a turn. */
  #mayRepeat(): boolean {
    const { backEnd } = this.#candidate as Candidate;
    return backEnd.restMs() === 0 && backEnd.takeTurn() === 0;
  }

  #noteFailure({ code }: ClientFailure): void {
    const candidate = this.#candidate;
    if (candidate === undefined) return;
    // A refusal of the request itself is an answer: the back end is well.
    if (code === 'UPSTREAM_BAD_REQUEST') candidate.backEnd.note({ kind: 'answered' });
    else {
      const { model } = candidate;
      candidate.backEnd.note({ kind: 'failed', code, model, retryAfterSeconds: this.#retryAfterSeconds });
    }
  }

  #refuse(failure: ClientFailure): void {
    this.#isSettled = true;
    this.#reply.refuse(failure, this.#retryAfterSeconds);
    this.#count(failure);
  }

  #count({ status, code }: ClientFailure): void {
    const { counters, log } = this.#options.room;
    if (status < 429) counters.refused += 1;
    else counters.failed += 1;
    log.warn({ upstream: this.#candidate?.backEnd.name ?? null, code, status }, 'inference failed');
  }

  #closed(): void {
    const { room, raw } = this.#options;
    this.#isClosed = true;
    this.#leavePlace();
    this.#waiting?.cancel();
    if (this.#isSettled || raw.writableFinished) return;
    this.#isSettled = true;
    this.#letGo();
    room.counters.cancelled += 1;
    room.log.info(
      { upstream: this.#candidate?.backEnd.name ?? null },
      'the caller left before the answer was complete',
    );
    this.#account(false);
    this.#leavePlace();
  }

  /** Once both sides are done with. */
  #leavePlace(): void {
    if (this.#isClosed && this.#exchange === undefined) this.#options.room.calls.remove(this.#place);
  }

  /** Only for a back end that had begun to answer. */
  #account(isComplete: boolean): void {
    const { room, request, caller } = this.#options;
    const answer = this.#answer;
    const candidate = this.#candidate;
    if (answer === undefined || candidate === undefined) return;
    const model = this.#model;
    room.desk.account(usageOfAnswer({ request, caller, candidate, answer, model, isComplete }));
  }
}
