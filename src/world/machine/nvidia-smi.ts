export interface SmiGpu {
  /** As Vast.ai names it: `RTX 4090`. */
  readonly name: string;
  readonly ramMb: number;
}
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const driverVersion = '580.95.05';
/** How the driver names what Vast.ai abbreviates. */
const driverNames: readonly (readonly [RegExp, string])[] = [
  [/^RTX (\d{4}.*)$/, 'NVIDIA GeForce RTX $1'],
  [/^H100 SXM$/, 'NVIDIA H100 80GB HBM3'],
  [/^H100 PCIE$/i, 'NVIDIA H100 PCIe'],
  [/^H200$/, 'NVIDIA H200'],
  [/^A100 SXM4$/, 'NVIDIA A100-SXM4-80GB'],
  [/^A100 PCIE$/i, 'NVIDIA A100 80GB PCIe'],
];

/** What `nvidia-smi` prints on a machine with these GPUs, for `-L` and `--query-gpu=… --format=csv…`. */
export function nvidiaSmi(
  gpus: readonly SmiGpu[],
  isBroken: boolean,
  args: readonly string[],
): CommandResult {
  if (isBroken) {
    const stdout =
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. " +
      'Make sure that the latest NVIDIA driver is installed and running.\n\n';
    return { exitCode: 9, stdout, stderr: '' };
  }
  if (args.includes('-L') || args.includes('--list-gpus')) {
    return printed(gpus.map((gpu, index) => `GPU ${index}: ${driverName(gpu)} (UUID: ${uuid(index)})`));
  }
  const query = option(args, '--query-gpu')
    ?.split(',')
    .map((field) => field.trim());
  if (!query)
    return args.length === 0
      ? printed(summary(gpus))
      : refused(`Option ${args[0]} is not recognized. Please run 'nvidia-smi -h'.`);
  const format = new Set(
    option(args, '--format')
      ?.split(',')
      .map((part) => part.trim()),
  );
  if (!format.has('csv'))
    return refused('"--format=" switch is missing. Please run \'nvidia-smi -h\' for help.');
  const unknown = query.find((field) => !(field in fields));
  if (unknown !== undefined) return refused(`Field "${unknown}" is not a valid field to query.`);
  const header = query.map((field) => `${field}${unit(field) ? ` [${unit(field)}]` : ''}`).join(', ');
  const rows = gpus.map((gpu, index) =>
    query
      .map(
        (field) =>
          `${fields[field]?.value(gpu, index, gpus)}${format.has('nounits') || !unit(field) ? '' : ` ${unit(field)}`}`,
      )
      .join(', '),
  );
  return printed(format.has('noheader') ? rows : [header, ...rows]);
}

interface Field {
  readonly value: (gpu: SmiGpu, index: number, gpus: readonly SmiGpu[]) => string | number;
  readonly unit?: string;
}
const busId = (index: number): string =>
  `00000000:${(index + 1).toString(16).padStart(2, '0').toUpperCase()}:00.0`;
const fields: Readonly<Record<string, Field>> = {
  index: { value: (_, index) => index },
  name: { value: (gpu) => driverName(gpu) },
  gpu_name: { value: (gpu) => driverName(gpu) },
  uuid: { value: (_, index) => uuid(index) },
  gpu_uuid: { value: (_, index) => uuid(index) },
  count: { value: (_gpu, _index, gpus) => gpus.length },
  driver_version: { value: () => driverVersion },
  'pci.bus_id': { value: (_, index) => busId(index) },
  'memory.total': { value: (gpu) => gpu.ramMb, unit: 'MiB' },
  'memory.used': { value: () => 1, unit: 'MiB' },
  'memory.free': { value: (gpu) => gpu.ramMb - 1, unit: 'MiB' },
  'utilization.gpu': { value: () => 0, unit: '%' },
  'temperature.gpu': { value: () => 36 },
};

const unit = (field: string): string | undefined => fields[field]?.unit;
const uuid = (index: number): string => `GPU-5b0c7d1e-0000-4000-8000-${String(index).padStart(12, '0')}`;
const refused = (message: string): CommandResult => ({ exitCode: 2, stdout: `${message}\n`, stderr: '' });
const printed = (lines: readonly string[]): CommandResult => ({
  exitCode: 0,
  stdout: lines.map((line) => `${line}\n`).join(''),
  stderr: '',
});

function driverName({ name }: SmiGpu): string {
  if (name.startsWith('NVIDIA ')) return name;
  for (const [pattern, full] of driverNames) if (pattern.test(name)) return name.replace(pattern, full);
  return `NVIDIA ${name}`;
}

function summary(gpus: readonly SmiGpu[]): readonly string[] {
  const rows = gpus.map((gpu, index) => `|  ${index}  ${driverName(gpu)}  |  1MiB / ${gpu.ramMb}MiB |`);
  return [
    `| NVIDIA-SMI ${driverVersion}    Driver Version: ${driverVersion}    CUDA Version: 13.0 |`,
    ...rows,
  ];
}

/** `--name=value` or `--name value`. */
function option(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at] === name ? args[at + 1] : args[at]?.slice(name.length + 1);
}
