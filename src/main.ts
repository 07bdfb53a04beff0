import { dispatch } from './cli/dispatch.ts';
import { processIo } from './cli/process-io.ts';

process.exit(await dispatch(process.argv.slice(2), processIo()));
