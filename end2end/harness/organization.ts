// An organization of a test's own, so that tests share a server without seeing one another, and the ways to fill it:
// everything goes through the doors that other programs use.
import type { BrowserContext } from '@playwright/test';
import type { Signalbox } from './signalbox.ts';

export type Role = 'viewer' | 'operator' | 'admin';

export interface Person {
  name: string;
  email: string;
  password: string;
  /** `name=value`, as the session's cookie is sent. */
  cookie: string;
}

export interface Receiver {
  connectorId: string;
  receiverId: string;
  code: string;
  name: string;
  /** Where its senders send to. */
  url: string;
  /** Sends `body` with the receiver's secret, or as `init` says; resolves with the server's answer. */
  send(body: unknown, init?: { eventType?: string; secret?: string }): Promise<Response>;
}

export interface NewReceiver {
  name: string;
  /** Where events go; the record store when nothing is said. */
  destination?: { url: string; path?: string; retry?: Record<string, unknown>; mapping?: Record<string, unknown> };
}

const PASSWORD = 'correct horse battery';
const SECRET = 'a-secret-that-is-long-enough';
let counted = 0;

/** Different for every call in this run, whatever the worker. */
export function unique(): string {
  counted += 1;
  return `${process.pid.toString(36)}${Date.now().toString(36)}${counted}`;
}

/** Uses the set-up link up; resolves with the global administrator. */
export async function setUp(signalbox: Signalbox): Promise<Person> {
  const person = { name: 'Root', email: 'root@example.com', password: PASSWORD };
  const token = new URL(signalbox.setupLink).searchParams.get('token');
  const request = { token, ...person, organization: 'Head office', slug: 'head-office' };
  const answer = await post(`${signalbox.url}/rpc/setup`, { request });
  return { ...person, cookie: cookieOf(answer) };
}

/** Creates an organization with an administrator. */
export async function createOrganization(signalbox: Signalbox, root: Person, name?: string): Promise<Organization> {
  const id = unique();
  const asRoot = new Client(signalbox.url, root.cookie);
  const made = await asRoot.post('organizations', { name: name ?? `Works ${id}`, slug: `works-${id}` });
  const inside = new Client(signalbox.url, root.cookie, made.id as string);
  const admin = await addPerson(inside, `Ada ${id}`, 'admin');
  return new Organization(signalbox.url, made.id as string, made.name as string, admin, root);
}

async function addPerson(client: Client, name: string, role: Role): Promise<Person> {
  const person = { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`, password: PASSWORD };
  await client.post('members', { ...person, role });
  return { ...person, cookie: await signIn(client.origin, person) };
}

/** Signs in as a browser does; resolves with the session's cookie. */
async function signIn(origin: string, { email, password }: { email: string; password: string }): Promise<string> {
  return cookieOf(await post(`${origin}/rpc/login`, { request: { email, password } }));
}

export class Organization {
  readonly client: Client;

  constructor(
    readonly origin: string,
    readonly id: string,
    readonly name: string,
    readonly admin: Person,
    private readonly root: Person,
  ) {
    this.client = new Client(origin, admin.cookie, id);
  }

  /** Adds somebody else. */
  addPerson(name: string, role: Role): Promise<Person> {
    return addPerson(new Client(this.origin, this.root.cookie, this.id), name, role);
  }

  /** A connector with a receiver that knows its senders by a bearer token. */
  async addReceiver({ name, destination }: NewReceiver): Promise<Receiver> {
    const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '').slice(0, 24);
    const code = `${slug.replace(/-$/, '')}-${unique()}`;
    const connector = await this.client.post('connectors', { code, name });
    const receiver = await this.client.post('receivers', {
      connector_id: connector.id,
      name: 'Events',
      scheme: { type: 'bearer' },
      secret: SECRET,
      sources: {
        event_type: { type: 'header', name: 'x-event-type' },
        source_record_id: { type: 'pointer', pointer: '/id' },
      },
      limits: { requests_per_minute: 100_000 },
    });
    const receiverId = (receiver.receiver as { id: string }).id;
    if (destination) {
      const target = await this.client.post('connectors', {
        code: `${code}-target`,
        name: `${name} target`,
        base_url: destination.url,
      });
      await this.client.post('routes', {
        receiver_id: receiverId,
        name: 'On to the target',
        destination: { type: 'http', connector_id: target.id, method: 'POST', path: destination.path ?? '/hooks' },
        ...(destination.retry && { retry: destination.retry }),
        ...(destination.mapping && { mapping: destination.mapping }),
      });
    }
    const url = `${this.origin}/api/v1/integration/webhooks/${code}/receive`;
    return {
      connectorId: connector.id as string,
      receiverId,
      code,
      name,
      url,
      send: (body, { eventType = 'order.created', secret = SECRET } = {}) =>
        fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${secret}`,
            'x-event-type': eventType,
          },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
    };
  }
}

/** The REST interface, as somebody with a session. */
export class Client {
  constructor(
    readonly origin: string,
    private readonly cookie: string,
    private readonly organizationId?: string,
  ) {}

  async post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await post(`${this.origin}/api/v1/integration/${path}`, body, this.headers());
    return (await answer.json()) as Record<string, unknown>;
  }

  async patch(path: string, body: unknown): Promise<Record<string, unknown>> {
    const url = `${this.origin}/api/v1/integration/${path}`;
    const headers = { 'content-type': 'application/json', origin: this.origin, ...this.headers() };
    const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify(body) });
    return (await good(answer).then((fine) => fine.json())) as Record<string, unknown>;
  }

  async get(path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.origin}/api/v1/integration/${path}`, { headers: this.headers() });
    return (await good(answer).then((fine) => fine.json())) as Record<string, unknown>;
  }

  private headers(): Record<string, string> {
    return {
      cookie: this.cookie,
      ...(this.organizationId && { 'signalbox-organization': this.organizationId }),
    };
  }
}

/** Makes the pages of `context` pages of this person. */
export async function signInAs(context: BrowserContext, origin: string, person: Person): Promise<void> {
  const at = person.cookie.indexOf('=');
  await context.addCookies([
    {
      name: person.cookie.slice(0, at),
      value: person.cookie.slice(at + 1),
      url: origin,
      httpOnly: true,
      sameSite: 'Lax',
    },
  ]);
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const origin = new URL(url).origin;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...headers },
    body: JSON.stringify(body),
  });
  return good(answer);
}

async function good(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

function cookieOf(answer: Response): string {
  const [cookie] = answer.headers.getSetCookie();
  if (!cookie) throw new Error(`${answer.url} set no cookie`);
  return cookie.split(';')[0]!;
}
