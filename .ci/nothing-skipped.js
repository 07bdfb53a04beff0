// Reads vitest's JSON report and fails when a test was skipped or left to do: then it proved nothing.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = report.testResults.flatMap((file) => file.assertionResults);
const left = tests.filter((test) => test.status !== 'passed');
for (const test of left) console.error(`${test.status}: ${test.fullName}`);
if (left.length > 0 || tests.length === 0) {
  console.error(`${left.length} of ${tests.length} tests did not run`);
  process.exit(1);
}
console.log(`${tests.length} tests, none skipped`);
