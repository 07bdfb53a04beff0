import { afterEach, describe } from 'vitest';
import { instanceContract } from './vast-instance-contract.ts';
import { rentalContract } from './vast-rental-contract.ts';
import { openSandbox, openWorld, type OpenSubject, type Subject } from './vast-subject.ts';

const forms: Record<string, OpenSubject> = { 'as the world': openWorld, 'as the sandbox': openSandbox };

describe.each(Object.entries(forms))('Vast.ai %s, through the adapter and raw', (_, openForm) => {
  let open: Subject[] = [];
  const opened: OpenSubject = async (options) => {
    const subject = await openForm(options);
    open.push(subject);
    return subject;
  };
  afterEach(async () => {
    for (const subject of open) await subject.close();
    open = [];
  });

  rentalContract(opened);
  instanceContract(opened);
});
