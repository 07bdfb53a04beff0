import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/errors.ts';
import type { CrewMember, EpochContext } from '../../src/machines/epoch-context.ts';
import { crewGuards } from '../../src/machines/epoch-crew.ts';
import { samplePlan } from '../model/sample-rows.ts';

const plan = { ...samplePlan('sprint'), width: 2, crewMax: 4 };
const none = { hasPocStarted: false, hasGenerationEnded: false, hasValidationEnded: false };
const terminal: Fault = { code: 'VAST_INSTANCE_FAILED', class: 'terminal', message: 'it failed' };
const operator: Fault = { code: 'VAST_NO_CREDIT', class: 'operator', message: 'no credit' };

describe('a question about the crew', () => {
  const member = (leaseId: string, isReady: boolean): CrewMember => ({ leaseId, machineId: 70, isReady });
  const about = (crew: readonly CrewMember[], more: Partial<EpochContext> = {}) => ({
    context: { plan, crew, stage: 1, ...none, ...more } as EpochContext,
  });
  const of = (leaseId: string, fault: Fault | null = null) => ({
    leaseId,
    machineId: 70,
    fault,
    reason: null,
  });
  const [ready, booting] = [member('A', true), member('B', false)];

  test('whether others serve counts those alone that are ready', () => {
    const serve = (...crew: CrewMember[]) => crewGuards.isMineAndOthersServe(about(crew), of('B'));
    expect([serve(ready, booting), serve(booting, member('C', false)), serve(booting), serve(ready)]).toEqual(
      [true, false, false, false],
    );
  });

  test('whether a person is needed asks for a fault of one’s own machine that only a person mends', () => {
    const needs = (leaseId: string, fault: Fault | null) =>
      crewGuards.isMineAndNeedsPerson(about([booting]), of(leaseId, fault));
    expect([needs('B', operator), needs('B', terminal), needs('B', null), needs('C', operator)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('whether it is staffed, short or able to serve goes by those that are ready', () => {
    const both = [ready, member('C', true)];
    const { isStaffed, isShort, canServe, canGenerate, canValidate, canHold, hasCrew, hasNoCrew } =
      crewGuards;
    expect([isStaffed(about(both)), isStaffed(about([ready, booting]))]).toEqual([true, false]);
    expect([isShort(about(both)), isShort(about([ready, booting]))]).toEqual([false, true]);
    const started = { hasPocStarted: true };
    expect([
      canServe(about([ready], started)),
      canServe(about([booting], started)),
      canServe(about(both)),
    ]).toEqual([true, false, false]);
    expect([canGenerate(about([ready])), canGenerate(about([booting]))]).toEqual([true, false]);
    expect([canValidate(about([ready])), canValidate(about([booting]))]).toEqual([true, false]);
    const ended = { hasGenerationEnded: true, hasValidationEnded: true };
    expect([canGenerate(about([ready], ended)), canValidate(about([ready], ended))]).toEqual([false, false]);
    expect([canHold(about(both, ended)), canHold(about([ready], ended)), canHold(about(both))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([hasCrew(about([])), hasCrew(about([booting]))]).toEqual([false, true]);
    expect([hasNoCrew(about([])), hasNoCrew(about([booting]))]).toEqual([true, false]);
  });

  test('whether one more is wanted knows the places, the launches that have passed, and the most at once', () => {
    const wants = (stage: number, ...crew: CrewMember[]) => crewGuards.wantsMore(about(crew, { stage }));
    expect([wants(1), wants(1, booting), wants(1, booting, booting)]).toEqual([true, true, false]);
    expect([wants(1, ready, booting), wants(2, ready, booting)]).toEqual([false, true]);
    expect([wants(3, booting, booting, booting), wants(3, booting, booting, booting, booting)]).toEqual([
      true,
      false,
    ]);
  });
});
