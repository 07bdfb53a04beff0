import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { HybridError } from '../../src/errors.ts';

const enough = {
  HOME: '/home/someone',
  HYPERBOLIC_API_KEY: 'hyperbolic-canary',
  VASTAI_API_KEY: 'vast-canary',
  VASTAI_SSH_KEY_PATH: '~/.ssh/id_ed25519',
  VPS_IP: '10.0.0.21',
};

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'hybrid-config-'));
  mkdirSync(join(cwd, 'config'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (env: Record<string, string> = {}) => loadConfig({ env: { ...enough, ...env }, cwd });

function faultsOf(env: Record<string, string>): string {
  try {
    loadConfig({ env, cwd });
  } catch (error) {
    expect(error).toBeInstanceOf(HybridError);
    expect((error as HybridError).code).toBe('CONFIG_INVALID');
    return (error as HybridError).message;
  }
  throw new Error('the configuration was accepted');
}
const faultsWith = (env: Record<string, string>): string => faultsOf({ ...enough, ...env });

describe('a sufficient environment', () => {
  it('gives the documented defaults in the units of the house', () => {
    const { config, warnings } = load();
    expect(warnings).toEqual([]);
    expect(config.node).toMatchObject({ id: 'hybrid-mlnode-1', host: '10.0.0.21', gatewayPort: 8080 });
    expect(config.node).not.toHaveProperty('inferencePort');
    expect(config.chain.urls).toEqual([
      'http://node1.gonka.ai:8000',
      'http://node2.gonka.ai:8000',
      'https://node3.gonka.ai',
      'https://node4.gonka.ai',
    ]);
    expect(config.vast).toMatchObject({ gpuRamMbMin: 24_000, gpuTotalRamMbMin: 38_000, priceMax: 1_000_000 });
    expect(config.vast.sshKeyPath).toBe('/home/someone/.ssh/id_ed25519');
    expect(config.vast).not.toHaveProperty('gpuNames');
    expect(config.vast.image).toMatch(
      /^ghcr\.io\/product-science\/mlnode:3\.0\.11-post1@sha256:[0-9a-f]{64}$/,
    );
    expect(config.rental).toMatchObject({
      policy: 'auto',
      checkIntervalMs: 300_000,
      maxDailySpend: 3_000_000,
    });
    expect(config).toMatchObject({ mlnodePort: 18_080, leaseTtlMs: 900_000, chainHaltLimitMs: 1_800_000 });
    expect(config.stateDir).toBe('/home/someone/.local/state/hybrid-mlnode');
    expect(config.model).toBe('meta-llama/Llama-3.3-70B-Instruct');
    expect(config.upstream).toMatchObject({ baseUrl: 'https://api.hyperbolic.xyz', timeoutMs: 300_000 });
  });

  it('needs no keys of Vast.ai with policy off and no address with registration off', () => {
    const env = { HYPERBOLIC_API_KEY: 'k', RENTAL_POLICY: 'off', REGISTRATION: 'off' };
    const { config } = loadConfig({ env, cwd });
    expect(config.vast.sshKeyPath).toBe('');
    expect(config.stateDir).toBe(join(cwd, '.state'));
  });

  it('normalises URLs, GPU names and a shared port', () => {
    const { config } = load({
      HYPERBOLIC_BASE_URL: 'https://api.example.org/v1/',
      GONKA_ADMIN_API_URL: 'http://127.0.0.1:9200/admin/v1/',
      VASTAI_BASE_URL: 'https://console.vast.ai/api/v0',
      VASTAI_GPU_TYPE: 'RTX_4090, L40S',
      INFERENCE_PORT: '8080',
      GONKA_NETWORK_NODE_URL: 'http://a:8000/, http://b:8000',
    });
    expect(config.upstream.baseUrl).toBe('https://api.example.org');
    expect(config.networkNode.adminUrl).toBe('http://127.0.0.1:9200');
    expect(config.vast.baseUrl).toBe('https://console.vast.ai');
    expect(config.vast.gpuNames).toEqual(['RTX 4090', 'L40S']);
    expect(config.node).not.toHaveProperty('inferencePort');
    expect(config.chain.urls).toEqual(['http://a:8000', 'http://b:8000']);
  });
});

describe('where a value comes from', () => {
  it('takes the process environment over .env over config/.env', () => {
    writeFileSync(join(cwd, 'config/.env'), 'LOG_LEVEL=debug\nMLNODE_ID=three\nVASTAI_DISK_SIZE=70\n');
    writeFileSync(join(cwd, '.env'), 'MLNODE_ID=two\nVASTAI_DISK_SIZE=60\n');
    const { config } = load({ VASTAI_DISK_SIZE: '55' });
    expect([config.vast.diskGb, config.node.id, config.logLevel]).toEqual([55, 'two', 'debug']);
  });

  it('lets an empty value in a higher place hide a lower one', () => {
    writeFileSync(join(cwd, '.env'), 'POC_PREP_TIME=1800\nVASTAI_GPU_TYPE=L40S\n');
    const { config } = load({ POC_PREP_TIME: '', VASTAI_GPU_TYPE: '' });
    expect(config.rental).not.toHaveProperty('prepTimeMs');
    expect(config.vast).not.toHaveProperty('gpuNames');
  });

  it('expands ${NAME} from the process environment, then from further up in the file, else from the default', () => {
    writeFileSync(join(cwd, '.env'), 'BASE=two\nMLNODE_ID=${BASE}-${PLACE}-${NOWHERE:-x}${NOWHERE}\n');
    expect(load({ PLACE: 'here' }).config.node.id).toBe('two-here-x');
    expect(load({ PLACE: 'here', BASE: 'one' }).config.node.id).toBe('one-here-x');
  });

  it('prefers the first spelling in the documented order and says when another disagrees', () => {
    const { config, warnings } = load({ NODE_ID: 'b', MLNODE_ID: 'a', PROXY_PORT: '8081' });
    expect([config.node.id, config.node.gatewayPort]).toEqual(['a', 8081]);
    expect(warnings).toEqual([
      'MLNODE_ID (environment) wins over NODE_ID (environment), which says something else',
    ]);
  });

  it('presents one model id and asks the inference API for another only when told both', () => {
    const alone = load({ HYPERBOLIC_MODEL: 'here/model' }).config;
    expect([alone.model, alone.upstream.model]).toEqual(['here/model', 'here/model']);
    const both = load({ HYPERBOLIC_MODEL: 'here/model', MLNODE_INFERENCE_MODEL: 'gov/model' });
    expect([both.config.model, both.config.upstream.model]).toEqual(['gov/model', 'here/model']);
    expect(both.warnings.join()).toContain('compare log probabilities');
  });
});

describe('names of earlier automations', () => {
  it('are read with a warning that names the successor', () => {
    const { config, warnings } = load({ MODEL_NAME: 'old/model', MAX_GPU_PRICE: '0.4' });
    expect(config.model).toBe('old/model');
    expect(config.vast.priceMax).toBe(400_000);
    expect(warnings.join('\n')).toContain('use MLNODE_INFERENCE_MODEL');
    expect(warnings.join('\n')).toContain('use VASTAI_MAX_PRICE');
  });

  it('are refused with the reason when they would mislead, unless switched off', () => {
    expect(faultsWith({ ENABLE_TRANSFER_ROUTING: 'true' })).toContain(
      'ENABLE_TRANSFER_ROUTING (environment) is refused: An ML node never sees transfer or executor headers',
    );
    expect(load({ ENABLE_TRANSFER_ROUTING: 'false' }).warnings).toHaveLength(1);
  });

  it('are not looked for in the process environment when other programs use them too', () => {
    expect(load({ HF_HOME: '/cache' }).warnings).toEqual([]);
    writeFileSync(join(cwd, '.env'), 'HF_HOME=/cache\n');
    expect(load().warnings.join()).toContain('use VASTAI_ONSTART_SCRIPT');
  });
});

describe('what is wrong', () => {
  it('is listed completely, with the name and the file of each', () => {
    writeFileSync(
      join(cwd, 'config/.env'),
      'VASTAI_MAX_PRICE=cheap\nVASTAI_MAX_PRIZE=1\nHYPERBOLIC_PROXY_PORT=99999\n',
    );
    const message = faultsOf({ VPS_IP: 'http://10.0.0.1' });
    expect(message).toContain('7 settings are wrong:');
    expect(message).toContain('VASTAI_MAX_PRICE (config/.env) must be dollars an hour; it is "cheap"');
    expect(message).toContain(
      'VASTAI_MAX_PRIZE (config/.env) is no known setting; did you mean VASTAI_MAX_PRICE?',
    );
    expect(message).toContain('HYPERBOLIC_PROXY_PORT (config/.env) must be a port, 1 to 65535');
    expect(message).toContain('VPS_IP (environment) must be a bare name or IP');
    for (const name of ['HYPERBOLIC_API_KEY', 'VASTAI_API_KEY', 'VASTAI_SSH_KEY_PATH']) {
      expect(message).toContain(`${name} is not set`);
    }
  });

  it('is only a warning when an unknown name of ours stands in the process environment', () => {
    const { warnings } = load({ VASTAI_API_KEYS: 'x', UNRELATED: 'y' });
    expect(warnings).toEqual([
      'VASTAI_API_KEYS (environment) is no known setting; did you mean VASTAI_API_KEY?',
    ]);
  });

  it('names the line of a file that is no assignment', () => {
    writeFileSync(join(cwd, '.env'), '# fine\nLOG_LEVEL=info\nVASTAI_API_KEY\n');
    expect(faultsWith({})).toContain('.env, line 3: not of the form NAME=value');
  });

  it('includes a settings file that cannot be read, by a code of its own', () => {
    mkdirSync(join(cwd, '.env'));
    expect(() => load()).toThrow(expect.objectContaining({ code: 'CONFIG_UNREADABLE' }));
  });

  it.each([
    ['MLNODE_PORT', '8080', "Vast.ai's proxy publishes that port"],
    ['DOCKER_IMAGE', 'vllm/vllm-openai:latest', 'has no PoC endpoints'],
    ['DOCKER_IMAGE', 'ghcr.io/product-science/mlnode', 'must carry a tag or digest'],
    ['GONKA_CALLBACK_URL', 'http://10.0.0.1:9100/v1', 'must be scheme, host and port only'],
    ['GONKA_ADMIN_API_URL', 'http://me:pass@host', 'must carry no user or password'],
    ['INSPECTION_HOST', '0.0.0.0', 'INSPECTION_TOKEN is not set'],
    ['INSPECTION_PORT', '8080', 'inspection is never on the gateway'],
    ['TIME_SCALE', '60', 'TIME_SCALE other than 1 is for the sandbox, but VASTAI_BASE_URL'],
    ['VASTAI_TEMPLATE_ID', '12345', 'must be the hash of a template'],
    ['DEPLOYMENT_ID', 'a:b:c:d', 'must be 4 to 64 letters'],
    ['POC_SEGMENT', '/hybrid', 'must be empty or /api/v1'],
    ['LEASE_TTL', '99999999', 'must be a number of seconds'],
    ['VASTAI_ONSTART_SCRIPT', 'x'.repeat(1025), 'must be at most 1024 bytes'],
  ])('refuses %s=%s and says why', (name, value, reason) => {
    expect(faultsWith({ [name]: value })).toContain(reason);
  });
});

describe('the scaled clock', () => {
  const sandbox = {
    TIME_SCALE: '60',
    TIME_ORIGIN_MS: '1767225600000',
    GONKA_NETWORK_NODE_URL: 'http://127.0.0.1:8000',
    GONKA_ADMIN_API_URL: 'http://localhost:9200',
    VASTAI_BASE_URL: 'http://127.0.0.1:7000',
  };
  it('is accepted when chain, Vast.ai and admin API are all on loopback', () => {
    expect(load(sandbox).config).toMatchObject({ timeScale: 60, timeOriginMs: 1_767_225_600_000 });
  });
  it.each(['GONKA_NETWORK_NODE_URL', 'GONKA_ADMIN_API_URL', 'VASTAI_BASE_URL'])(
    'is refused when %s is a real address',
    (name) => {
      expect(faultsWith({ ...sandbox, [name]: 'http://192.0.2.1:8000' })).toContain(`but ${name} names`);
    },
  );
  it('is refused without an origin that all processes share', () => {
    expect(faultsWith({ ...sandbox, TIME_ORIGIN_MS: '' })).toContain('TIME_ORIGIN_MS is not set');
  });
});
