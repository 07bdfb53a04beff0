import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { settings } from '../../src/config/names.ts';
import { schemaNames } from '../../src/config/schema.ts';
import { HybridError } from '../../src/errors.ts';
import { accessKnobs } from './access-knobs.ts';
import { alertKnobs } from './alert-knobs.ts';
import { houseKnobs } from './house-knobs.ts';
import { inferenceKnobs } from './inference-knobs.ts';
import { type Knob, seenWith } from './knob.ts';
import { machineKnobs } from './machine-knobs.ts';
import { nodeKnobs } from './node-knobs.ts';
import { order, queries } from './rental.ts';
import { rentalKnobs } from './rental-knobs.ts';
import { upstreamKnobs } from './upstream-knobs.ts';

const knobs: readonly Knob[] = [
  ...nodeKnobs,
  ...accessKnobs,
  ...inferenceKnobs,
  ...upstreamKnobs,
  ...machineKnobs,
  ...rentalKnobs,
  ...alertKnobs,
  ...houseKnobs,
];
const knobOf = (name: string): Knob | undefined => knobs.find((knob) => knob.name === name);

/** Another spelling, and still a meaning of its own beside the name: the id at the inference API alone. */
const ownMeaning = 'HYPERBOLIC_MODEL';
const spellings = settings.filter(({ aliasOf }) => aliasOf !== undefined);

describe('the table of effects', () => {
  it('has a row for every setting of the catalogue, and none for another', () => {
    const honoured = settings.filter(
      ({ state, aliasOf, name }) => state === 'honoured' && (aliasOf === undefined || name === ownMeaning),
    );
    const names = honoured.map(({ name }) => name);
    expect(knobs.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect([...schemaNames].toSorted()).toEqual(names.toSorted());
  });
});

describe.concurrent('a setting is seen outside of the configuration:', () => {
  it.each(knobs)(
    '$name by $seen',
    async (knob) => {
      const [first, second] = knob.values;
      const [once, again, other] = await Promise.all(
        [first, first, second].map((value) => seenWith(knob, { [knob.name]: value })),
      );
      // The same value shows the same, so that what differs is the setting's work.
      expect(again).toBe(once);
      expect(other).not.toBe(once);
    },
    20_000,
  );
});

describe.concurrent('another spelling does what its name does:', () => {
  it.each(spellings)('$name', async ({ name, aliasOf = '' }) => {
    const knob = knobOf(aliasOf);
    if (knob === undefined) throw new Error(`${aliasOf} is no setting`);
    const value = knob.values.find((one) => one !== '') ?? '';
    const [byName, bySpelling] = await Promise.all(
      [aliasOf, name].map((spelling) => seenWith(knob, { [spelling]: value })),
    );
    expect(bySpelling).toBe(byName);
  });
});

describe('the disk of a machine', () => {
  it.each(['v1', 'v2'])('is ordered as it was searched for, and priced, on PoC %s', async (version) => {
    const seen = await seenWith(
      {
        name: 'POC_VERSION',
        seen: 'disk',
        values: ['v1', 'v2'],
        given: { MAX_DAILY_SPEND: '50' },
        observe: async (config, place) => {
          const [query] = await queries(config, place);
          return [query?.['allocated_storage'], (await order(config, place)).diskGb];
        },
      },
      { POC_VERSION: version },
    );
    const [searched, ordered] = JSON.parse(seen) as [number, number];
    expect(ordered).toBe(searched);
    expect(ordered > 250).toBe(version === 'v2');
  });
});

describe('a name that is read no more', () => {
  const env = { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' };
  const load = (more: Readonly<Record<string, string>> = {}) =>
    loadConfig({ env: { ...env, ...more }, cwd: '/nowhere', files: [] });
  const former = settings.filter(
    ({ state, aliasOf, filesOnly }) => state !== 'honoured' && aliasOf === undefined && filesOnly !== true,
  );

  it.each(former)('changes nothing, and says so: $name', ({ name, state }) => {
    if (state === 'refused') expect(() => load({ [name]: 'true' })).toThrow(HybridError);
    else {
      const { config, warnings } = load({ [name]: '7' });
      expect(config).toEqual(load().config);
      expect(warnings.filter((warning) => warning.startsWith(`${name} `))).toHaveLength(1);
    }
  });
});
