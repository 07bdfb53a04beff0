import { createRawPathTransport } from '../adapters/raw-path-transport.ts';
import { openCallbackReceiver } from '../conformance/callback-receiver.ts';
import { checkNode, type CheckOptions, type Outcome } from '../conformance/check-node.ts';
import type { Generation } from '../conformance/rule.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { confirmed } from './confirmation.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint, type Paint } from './paint.ts';

const help = `
Usage: hybrid-mlnode conformance --url <url> [options]

Checks a running ML node, this one or the official one, against what the Network Node expects of it
(docs/reference/conformance.md), and prints one line a rule: ok, failed or skipped. It looks only, unless told
otherwise.

Options:
  --url <url>              management API, for example http://127.0.0.1:8080
  --inference-url <url>    inference API, when it is on another port (official node: 5050 or 5000)
  --generation <v1|v2>     PoC generation that the node has to serve; default: those that it serves
  --disruptive             also the rules that stop the node, start PoC and load the model; asks first. The node is
                           brought back to the service in which it was found, except out of a running PoC
  --yes                    do not ask
  --model <id>             model to load where none is up; default: the one that /v1/models names
  --callback-listen <port> listen on 127.0.0.1 for PoC callbacks and check them (0 = any free port)
  --callback-url <origin>  what the node is told in its place, when it reaches that port through a tunnel
  --version-prefix <name>  path segment of an upgrade to try, default v3.0.8 (the official nginx serves that one)
  --poll-limit <ms>        within which polls have to be answered, default 50
  --wait <seconds>         how long a model, a stop or a callback may take, default 1260
  --json                   one JSON object in place of the lines

Examples:
  hybrid-mlnode conformance --url http://127.0.0.1:8080
  hybrid-mlnode conformance --url http://127.0.0.1:8080 --disruptive --callback-listen 0 --json

Exit codes: 0 no rule failed, 1 a rule failed or nothing answers, 2 wrong arguments or not confirmed.
`;

export const command: Command = {
  name: 'conformance',
  summary: 'Check a running ML node against the rules of the Network Node.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values } = parseArguments(args, {
      url: { type: 'string' },
      'inference-url': { type: 'string' },
      generation: { type: 'string', multiple: true },
      disruptive: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      model: { type: 'string' },
      'callback-listen': { type: 'string' },
      'callback-url': { type: 'string' },
      'version-prefix': { type: 'string', default: 'v3.0.8' },
      'poll-limit': { type: 'string', default: '50' },
      wait: { type: 'string', default: '1260' },
      json: { type: 'boolean', default: false },
    });
    if (values.url === undefined) throw new UsageError('--url is missing');
    const url = urlOption('url', values.url);
    const callbackUrl = optional(values['callback-url'], (text) => urlOption('callback-url', text));
    const callbackPort = optional(values['callback-listen'], (text) =>
      wholeNumberOption('callback-listen', text, 0, 65_535),
    );
    if (callbackUrl !== undefined && callbackPort === undefined)
      throw new UsageError('--callback-url needs --callback-listen');
    const settings = {
      url,
      ...given(
        'inferenceUrl',
        optional(values['inference-url'], (text) => urlOption('inference-url', text)),
      ),
      ...given(
        'generations',
        optional(values.generation, (names) => names.map(generationOption)),
      ),
      ...given('model', values.model),
      versionPrefix: prefixOption(values['version-prefix']),
      pollLimitMs: numberOption('poll-limit', values['poll-limit'], 1, 5_000),
      waitMs: numberOption('wait', values.wait, 1, 7_200) * 1000,
      pauseMs: 500,
      isDisruptive: values.disruptive,
    };
    if (values.disruptive) {
      const harm = `This stops whatever runs on the ML node at ${url}, starts PoC on it and loads its model. A node that serves a network misses requests meanwhile.`;
      await confirmed(harm, values.yes, io);
    }
    const callbacks = await optional(callbackPort, (port) =>
      openCallbackReceiver({ port, ...given('origin', callbackUrl) }),
    );
    try {
      return await check({ ...settings, ...given('callbacks', callbacks) }, values.json, io);
    } finally {
      await callbacks?.close();
    }
  },
};

async function check(
  settings: Omit<CheckOptions, 'transport' | 'signal'>,
  isJson: boolean,
  io: CommandIo,
): Promise<number> {
  const stopping = new AbortController();
  // The first signal ends the check and puts the node right; the second one leaves it as it is.
  const undo = io.onStopSignal(() => {
    if (stopping.signal.aborted) process.exit(exitCodes.failed);
    io.stderr.write('stopping; the node is brought back first\n');
    stopping.abort();
  });
  const paint = createPaint(io.stdout, io.env);
  const outcomes: Outcome[] = [];
  try {
    const transport = createRawPathTransport();
    for await (const outcome of checkNode({ ...settings, transport, signal: stopping.signal })) {
      outcomes.push(outcome);
      if (!isJson) io.stdout.write(line(outcome, paint));
    }
  } finally {
    undo();
  }
  const count = (verdict: Outcome['verdict']): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const totals = { ok: count('ok'), failed: count('failed'), skipped: count('skipped') };
  if (isJson)
    io.stdout.write(`${JSON.stringify({ url: settings.url, ...totals, rules: outcomes.map(plain) })}\n`);
  else io.stderr.write(`${totals.ok} ok, ${totals.failed} failed, ${totals.skipped} skipped\n`);
  return totals.failed === 0 ? exitCodes.ok : exitCodes.failed;
}

const colours = { ok: 'green', failed: 'red', skipped: 'dim' } as const;

function line({ rule, sentence, verdict, reason }: Outcome, paint: Paint): string {
  const why = reason === undefined ? '' : ` [${reason}]`;
  return `${paint[colours[verdict]](verdict.padEnd(7))}  ${rule.id}  ${sentence}${why}\n`;
}

const sourcePage = 'docs/reference/protocol.md';

const plain = ({ rule, sentence, verdict, reason }: Outcome): object => ({
  rule: rule.id,
  verdict,
  sentence,
  source: `${sourcePage} "${rule.source}"`,
  ...given('reason', reason),
});

function urlOption(name: string, text: string): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === null || !isHttp || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError(`--${name} must be a URL such as http://127.0.0.1:8080; it is "${text}"`);
  return text.replace(/\/+$/, '');
}

function generationOption(name: string): Generation {
  if (name === 'v1' || name === 'v2') return name;
  throw new UsageError(`--generation must be v1 or v2; it is "${name}"`);
}

function prefixOption(text: string): string {
  if (/^[\w.-]+$/.test(text)) return text;
  throw new UsageError(`--version-prefix must be one path segment; it is "${text}"`);
}

const optional = <T, R>(value: T | undefined, read: (value: T) => R): R | undefined =>
  value === undefined ? undefined : read(value);

/** `{ [key]: value }`, or nothing: an absent field is absent, not undefined. */
const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
