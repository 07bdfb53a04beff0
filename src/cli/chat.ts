import { HybridError } from '../errors.ts';
import { eventsOf } from '../sandbox/event-stream.ts';
import { numberOption, parseArguments, UsageError, wholeNumberOption } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { gatewayAddress } from './gateway-address.ts';
import { operatorSettings } from './operator-settings.ts';
import { whileWanted } from './stop-request.ts';

const help = `
Usage: hybrid-mlnode chat [<prompt>] [options]

Asks the model through this host's own gateway, as a caller of the node would, and prints the answer as it comes.
Without a prompt, the text on stdin is the prompt.

Options:
  --model <id>         another model than the one that the node presents
  --system <text>      what the model is told first
  --max-tokens <n>     limit of the answer, 1 to 100000 (default 1024)
  --temperature <x>    0 to 2 (default 0.7)
  --url <url>          another gateway than that of the settings
  --timeout <seconds>  of the whole answer, 1 to 3600 (default 300)
  --no-stream          wait for the whole answer
  --json               the answer as it came, one JSON object; implies --no-stream

Examples:
  hybrid-mlnode chat "What is proof of compute?"
  git diff | hybrid-mlnode chat --system "Review this."

Exit codes: 0 answered, 1 not answered, 2 wrong arguments or settings.
`;

export const command: Command = {
  name: 'chat',
  summary: 'Ask the model through this node, as its callers do.',
  help: help.trimStart(),
  run: async (args, io) => {
    const { values, positionals } = parseArguments(
      args,
      {
        model: { type: 'string' },
        system: { type: 'string' },
        'max-tokens': { type: 'string', default: '1024' },
        temperature: { type: 'string', default: '0.7' },
        url: { type: 'string' },
        timeout: { type: 'string', default: '300' },
        'no-stream': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
      ['prompt?'],
    );
    const maxTokens = wholeNumberOption('max-tokens', values['max-tokens'], 1, 100_000);
    const temperature = numberOption('temperature', values.temperature, 0, 2);
    const limitMs = wholeNumberOption('timeout', values.timeout, 1, 3600) * 1000;
    const { config } = operatorSettings(io);
    const prompt = positionals[0] ?? (await wholeOf(io));
    if (prompt.trim() === '') throw new UsageError('there is no prompt, neither as a word nor on stdin');
    const stream = !values['no-stream'] && !values.json;
    const system = values.system === undefined ? [] : [{ role: 'system', content: values.system }];
    const question = {
      model: values.model ?? config.model,
      messages: [...system, { role: 'user', content: prompt }],
      max_tokens: maxTokens,
      temperature,
      stream,
    };
    const base = (values.url ?? gatewayAddress(config)).replace(/\/+$/, '').replace(/\/v1$/, '');
    return whileWanted(io, async (stop) => {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)]);
      const answer = await ask(`${base}/v1/chat/completions`, question, signal);
      if (stream) await print(answer, io);
      else io.stdout.write(whole(await answer.text(), values.json));
      return exitCodes.ok;
    });
  },
};

async function wholeOf(io: CommandIo): Promise<string> {
  if (io.isInteractive === true) throw new UsageError('<prompt> is missing');
  let text = '';
  for await (const piece of io.stdin) text += piece.toString();
  return text;
}

/** Throws DAEMON_NOT_RUNNING, and DAEMON_REFUSED with what the gateway says. */
async function ask(url: string, question: object, signal: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(question), signal };
  const answer = await fetch(url, sent).catch((error: unknown) => {
    const why = signal.aborted ? 'no answer within the limit' : 'nobody answers';
    const code = signal.aborted ? 'WIRE_TIMEOUT' : 'DAEMON_NOT_RUNNING';
    throw new HybridError({ code, message: `${url}: ${why}; is the daemon started?` }, { cause: error });
  });
  if (answer.ok) return answer;
  const text = (await answer.text()).slice(0, 500);
  throw new HybridError({ code: 'DAEMON_BAD_ANSWER', message: `${url} answered ${answer.status}: ${text}` });
}

async function print(answer: Response, io: CommandIo): Promise<void> {
  if (answer.body === null) return;
  for await (const { data } of eventsOf(answer.body)) {
    if (data === '[DONE]') break;
    const chunk = JSON.parse(data) as { choices?: { delta?: { content?: string | null } }[]; error?: object };
    if (chunk.error !== undefined)
      throw new HybridError({ code: 'UPSTREAM_BROKEN', message: 'the answer broke off' });
    io.stdout.write(chunk.choices?.[0]?.delta?.content ?? '');
  }
  io.stdout.write('\n');
}

function whole(body: string, isJson: boolean): string {
  if (isJson) return `${body.trim()}\n`;
  const { choices } = JSON.parse(body) as { choices?: { message?: { content?: string | null } }[] };
  return `${choices?.[0]?.message?.content ?? ''}\n`;
}
