import { pocV2GenerateRequest, pocV2InitRequest } from '../mlnode-api/poc-v2-request.ts';
import * as pocV2 from '../mlnode-api/poc-v2-answers.ts';
import { batchAnswer, powStatusAnswer, powStoppedAnswer, powWorkAnswer } from '../mlnode-api/pow-answers.ts';
import { powInitRequest } from '../mlnode-api/pow-init-request.ts';
import { proofBatchRequest } from '../mlnode-api/proof-batch-request.ts';
import { detailAnswer, fieldErrorsAnswer } from '../mlnode-api/fastapi-answer.ts';
import { gpuDevicesAnswer } from '../mlnode-api/gpu-answers.ts';
import { healthAnswer, readyAnswer } from '../mlnode-api/health-answers.ts';
import { startingAnswer, upStatusAnswer } from '../mlnode-api/inference-control-answers.ts';
import { inferenceUpRequest } from '../mlnode-api/inference-control-routes.ts';
import * as models from '../mlnode-api/model-answers.ts';
import { listRequest, modelRequest } from '../mlnode-api/model-routes.ts';
import { doneAnswer, stateAnswer, versionsAnswer } from '../mlnode-api/service-answers.ts';
import { trainStatusAnswer } from '../mlnode-api/train-answers.ts';
import { trainRequest } from '../mlnode-api/train-routes.ts';
import * as completions from '../inference/completion-schemas.ts';
import { offeredModelsAnswer } from '../inference/models-route.ts';
import { openaiErrorAnswer } from '../inference/openai-error.ts';
import * as books from '../inspection/book-answers.ts';
import * as inspection from '../inspection/inspection-answers.ts';
import * as hosts from '../inspection/hosts-route.ts';
import { noticesAnswer } from '../inspection/notices-route.ts';
import * as orders from '../inspection/orders-route.ts';
import { documentAnswer } from './document-answer.ts';

/** Bodies that are taken, by their names in the document: the very schemas that the routes read with. */
export const requestSchemas = {
  PowInit: powInitRequest,
  ProofBatch: proofBatchRequest,
  PocV2Init: pocV2InitRequest,
  PocV2Generate: pocV2GenerateRequest,
  InferenceUp: inferenceUpRequest,
  Model: modelRequest,
  ModelNames: listRequest,
  Training: trainRequest,
  ChatRequest: completions.chatRequest,
  TextRequest: completions.textRequest,
  ReleaseOrder: orders.releaseOrder,
  RentOrder: orders.rentOrder,
  ForgiveOrder: hosts.forgiveOrder,
};
export type RequestSchemaName = keyof typeof requestSchemas;

/** Bodies that are given, by their names in the document. */
export const answerSchemas = {
  Done: doneAnswer,
  State: stateAnswer,
  Versions: versionsAnswer,
  Detail: detailAnswer,
  FieldErrors: fieldErrorsAnswer,
  PowStatus: powStatusAnswer,
  PowWork: powWorkAnswer,
  BatchTaken: batchAnswer,
  PowStopped: powStoppedAnswer,
  Starting: startingAnswer,
  UpStatus: upStatusAnswer,
  PocV2Status: pocV2.pocV2StatusAnswer,
  PocV2Started: pocV2.pocV2StartedAnswer,
  PocV2Stopped: pocV2.pocV2StoppedAnswer,
  PocV2Computation: pocV2.pocV2ComputationAnswer,
  PocV2Refused: pocV2.pocV2RefusedAnswer,
  ModelStatus: models.modelStatusAnswer,
  ModelTable: models.modelTableAnswer,
  ModelDownload: models.modelDownloadAnswer,
  ModelList: models.modelListAnswer,
  ModelSpace: models.modelSpaceAnswer,
  ModelStatusOrTable: models.modelStatusAnswer.or(models.modelTableAnswer),
  GpuDevices: gpuDevicesAnswer,
  Health: healthAnswer,
  Ready: readyAnswer,
  TrainStatus: trainStatusAnswer,
  OfferedModels: offeredModelsAnswer,
  ChatCompletion: completions.chatCompletion,
  ChatChunk: completions.chatChunk,
  TextCompletion: completions.textCompletion,
  TextChunk: completions.textChunk,
  OpenaiError: openaiErrorAnswer,
  InspectionState: inspection.inspectionStateAnswer,
  JournalEntry: inspection.journalEntryAnswer,
  Epochs: books.epochsAnswer,
  Epoch: books.epochAnswer,
  Leases: books.leasesAnswer,
  Journal: books.journalAnswer,
  Money: books.moneyAnswer,
  Nonces: books.noncesAnswer,
  InferenceTraffic: books.inferenceAnswer,
  Alerts: books.alertsAnswer,
  Notices: noticesAnswer,
  Hosts: hosts.hostsAnswer,
  NextPlan: hosts.planAnswer,
  Forgiven: hosts.forgiveAnswer,
  Alive: inspection.aliveAnswer,
  InspectionError: inspection.inspectionError,
  ReleaseOrdered: orders.releaseAnswer,
  RentOrdered: orders.rentAnswer,
  OpenApi: documentAnswer,
};
export type AnswerSchemaName = keyof typeof answerSchemas;
