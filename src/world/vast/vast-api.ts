import { json, type WorldOutcome, type WorldRequest, type WorldResponse } from '../exchange.ts';
import { publicKeyOf } from './account.ts';
import {
  badKey,
  htmlPage,
  invalidArgs,
  invalidJson,
  noCredentials,
  noSuchInstance,
  notAllowed,
  notFound,
  refusal,
  tooFrequent,
} from './answers.ts';
import { chargesPage } from './charges.ts';
import { instancePage } from './instance-list.ts';
import { instanceRow } from './instance-row.ts';
import { QueryError, type Row } from './offer-query.ts';
import { RentalDesk } from './rental-desk.ts';
import type { Rental } from './rental.ts';
import { routeOf, type Route } from './route.ts';
import type { VastApiParts } from './vast-parts.ts';
import { Throttle } from './throttle.ts';

const urlsMax = 100;

/** The front door: who calls, how often, and which endpoint answers. */
export class VastApi {
  readonly #parts: VastApiParts;
  readonly #throttle: Throttle;
  readonly #desk: RentalDesk;
  readonly #urls = new Map<string, URL>();
  #throttledCount = 0;
  #goneCount = 0;

  constructor(parts: VastApiParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(parts.clock);
    this.#desk = new RentalDesk(parts, () => this.#throttledCount++);
  }

  async handle(request: WorldRequest): Promise<WorldOutcome> {
    if (this.#parts.faults.get('down') > 0) return 'drop';
    const url = this.#urlOf(request.path);
    const route = routeOf(request.method, url.pathname);
    if (!route) return notFound();
    const key = callerKey(request, url);
    const refused = this.#refused(route, key);
    if (refused) return refused;
    const threshold = route.throttle && this.#throttle.violated(route.throttle, key ?? 'anonymous');
    if (threshold !== undefined) return tooFrequent(this.#throttledCount++, threshold);
    const body = bodyOf(request);
    return body ? this.#answer(route, body, url.searchParams) : invalidJson();
  }

  /** To be read only. Callers ask for the same few things again and again. */
  #urlOf(path: string): URL {
    const known = this.#urls.get(path);
    if (known !== undefined) return known;
    if (this.#urls.size >= urlsMax) this.#urls.clear();
    const url = new URL(path, 'http://vast');
    this.#urls.set(path, url);
    return url;
  }

  /** Who may call what. A container's key governs its own instance only. */
  #refused(route: Route, key: string | undefined): WorldResponse | undefined {
    const { apiKey, fleet, faults } = this.#parts;
    if (faults.get('keyRefused') > 0) return badKey(route.badKeyStatus);
    if (key === apiKey) return undefined;
    if (key === undefined) return route.name === 'search' ? undefined : noCredentials();
    const own = fleet.owner(key);
    if (!own) return badKey(route.badKeyStatus);
    const allowed = route.name === 'destroy' || route.name === 'change';
    return allowed && own.instanceId === route.id ? undefined : notAllowed();
  }

  async #answer(route: Route, body: Row, query: URLSearchParams): Promise<WorldOutcome> {
    const { account, clock, fleet } = this.#parts;
    switch (route.name) {
      case 'user':
        return account.show(fleet.spentUsd());
      case 'charges':
        return chargesPage(fleet.all, query, clock.now());
      case 'listKeys':
        return account.listKeys();
      case 'addKey':
        return account.addKey(body, clock.now());
      case 'search':
        return this.#search(body);
      case 'create':
        return this.#desk.create(route.id, body);
      case 'destroy':
        return this.#desk.destroy(route.id);
      case 'list':
        return this.#list(query);
      case 'show':
        return this.#show(route.id);
      case 'change':
        return this.#withInstance(route.id, (rental) => change(rental, body));
      case 'attachKey':
        break;
    }
    return this.#withInstance(route.id, (rental) => this.#attachKey(rental, body));
  }

  #search(body: Row): WorldResponse {
    const { faults, market, random, accidents } = this.#parts;
    try {
      const sloppy = faults.take('sloppySearch') || random.chance(0.05 * accidents);
      return json(200, { offers: market.search(body, { sloppy }) });
    } catch (error) {
      if (error instanceof QueryError) return refusal(400, 'invalid_request', error.message);
      throw error;
    }
  }

  #list(query: URLSearchParams): WorldResponse {
    const { clock, faults, fleet } = this.#parts;
    if (faults.get('apiGone') > 0) return htmlPage(410);
    if (faults.take('list500Html')) return htmlPage(502);
    if (faults.take('listMalformed'))
      return json(200, { success: true, total_instances: null, instances: null });
    if (faults.take('listEmpty')) return instancePage([], query);
    const rows = fleet.visible.map((rental) => instanceRow(rental, clock.now()));
    const page = instancePage(rows, query);
    return rows.length > 0 && faults.take('listPartial') ? withoutLastRow(page) : page;
  }

  /** Gone: sometimes 200 with null, sometimes 404. */
  #show(instanceId: number): WorldResponse {
    const rental = this.#parts.fleet.get(instanceId);
    if (rental?.visible) return json(200, { instances: instanceRow(rental, this.#parts.clock.now()) });
    return this.#goneCount++ % 2 === 0 ? json(200, { instances: null }) : noSuchInstance(instanceId);
  }

  #attachKey(rental: Rental, body: Row): WorldResponse {
    const key = publicKeyOf(body);
    if (key === undefined) return invalidArgs('ssh_key is no public key');
    rental.attachKey(key, this.#parts.random.between(10_000, 15_000));
    return json(200, { success: true, msg: 'SSH key added to instance.' });
  }

  #withInstance(instanceId: number, act: (rental: Rental) => WorldResponse): WorldResponse {
    const rental = this.#parts.fleet.get(instanceId);
    return rental ? act(rental) : noSuchInstance(instanceId);
  }
}

/** `PUT /instances/{id}/`: a label, or a state. A start after a stop is queued, and may stay so for ever. */
function change(rental: Rental, body: Row): WorldResponse {
  if (typeof body['label'] === 'string') {
    if (body['label'].length > 1024) return invalidArgs('label is longer than 1024');
    rental.label = body['label'];
    return json(200, { success: true });
  }
  if (body['state'] === 'stopped') {
    rental.loseGpu();
    return json(200, { success: true });
  }
  if (body['state'] === 'running') {
    const msg = 'Required resources are currently unavailable, state change queued.';
    return rental.actualStatus === 'running'
      ? json(200, { success: true })
      : json(200, { success: true, msg });
  }
  return invalidArgs('state or label is required');
}

function withoutLastRow(page: WorldResponse): WorldResponse {
  if (typeof page.body !== 'string') return page;
  const value = JSON.parse(page.body) as { instances: unknown[] };
  return json(page.status, { ...value, instances: value.instances.slice(0, -1) });
}

function callerKey(request: WorldRequest, url: URL): string | undefined {
  const bearer = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
  return bearer ?? url.searchParams.get('api_key') ?? undefined;
}

function bodyOf(request: WorldRequest): Row | undefined {
  if (request.body.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(request.body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined;
  } catch {
    return undefined;
  }
}
