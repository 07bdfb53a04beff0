import type { Answer, Half, Operation } from './operation.ts';

type Answers = Operation['answers'];

/** What the gate and the reading of a body may answer before the route has its say; its own words come first. */
export function answersOf({ half, method, answers }: Operation): Answers {
  const carriesBody = method !== 'get' && half !== 'open';
  return { ...atTheGate[half], ...(carriesBody ? whileReading[half] : {}), ...answers };
}

const gate = (schema: NonNullable<Answer['schema']>): Answers => ({
  401: { description: 'Neither the address nor the token is known.', schema },
});

const atTheGate: Readonly<Record<Half, Answers>> = {
  management: {
    ...gate('Detail'),
    403: { description: 'The token is for inference only.', schema: 'Detail' },
  },
  inference: gate('OpenaiError'),
  inspection: {
    ...gate('InspectionError'),
    421: { description: 'Called under a foreign name, without a token.', schema: 'InspectionError' },
  },
  open: {},
};

const whileReading: Readonly<Record<Exclude<Half, 'open'>, Answers>> = {
  management: {
    400: { description: 'The request cannot be read.', schema: 'Detail' },
    413: { description: 'The body is too large.', schema: 'Detail' },
  },
  inference: {},
  inspection: {},
};
