import { writeSync } from 'node:fs';
import { lockStateDir } from '../../src/runtime/lock.ts';
import { openSqliteStore } from '../../src/runtime/sqlite-store.ts';
import { counted, startCounting } from './counting.ts';

/** A process to be killed: takes the lock of its directory, counts for ever, says each number once it is durable. */
const stateDir = process.argv[2] ?? '';
lockStateDir(stateDir);
const runtime = startCounting(openSqliteStore(`${stateDir}/store.sqlite`));
for (;;) {
  runtime.send('counter', { type: 'ADD' });
  writeSync(1, `${counted(runtime, 'counter')}\n`);
}
