import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020';
import { aChannelId, anAccount, membersOf, RestClient, useTestBed } from '@app/testing';

/** As much of an OpenAPI document as these tests read. */
interface Document {
  readonly openapi: string;
  readonly security: unknown;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, { properties: Record<string, unknown> }> };
}

interface Operation {
  readonly requestBody?: Body;
  readonly responses: Record<string, Body>;
}
interface Body {
  readonly content: Record<
    'application/json',
    { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> }
  >;
}

function documentIn(name: string): Document {
  const text = readFileSync(join(__dirname, '../../docs', name), 'utf8');
  return JSON.parse(text) as Document;
}

const documents = {
  public: documentIn('openapi.json'),
  internal: documentIn('openapi-internal.json'),
};

/** Holds an answer's body to a schema of the document: each field right, and no other one. */
function expectToMatch(body: unknown, schema: string, { components }: Document): void {
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: 'document', components });
  const valid = ajv.validate({ $ref: `document#/components/schemas/${schema}` }, body);
  expect(valid || ajv.errors).toBe(true);
  const known = Object.keys(components.schemas[schema]!.properties);
  if (schema !== 'Problem') expect(Object.keys(body as object).sort()).toEqual(known.sort());
}

describe('the answers of the public and the internal API', () => {
  const bed = useTestBed({ patient: true });
  const base = '/api/v1/social-accounts';
  let [api, service, reviewer]: [RestClient?, RestClient?, RestClient?] = [];
  let workspaceId: string;
  let urls: { readonly public: string; readonly internal: string };

  beforeAll(async () => {
    const members = await membersOf(bed);
    const env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    const [publicApi, internalApi] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('internal', env),
    ]);
    urls = { public: publicApi.url, internal: internalApi.url };
    const owner = await members.admit({ role: 'OWNER' });
    ({ workspaceId } = owner);
    const editor = await members.admit({ workspaceId, role: 'EDITOR' });
    api = new RestClient(publicApi.url, owner.key);
    reviewer = new RestClient(publicApi.url, editor.key);
    service = new RestClient(internalApi.url, await members.mintService(['connect']));
  });

  const connect = (account: object) =>
    service!.post<{ id: string }>('/internal/v1/channels', {
      body: account,
      headers: { 'idempotency-key': randomUUID() },
    });

  it('are what the documents say, from the connect to the receipt', async () => {
    const connected = await connect(anAccount({ workspaceId, meta: { board: { id: 1 } } }));
    expect(connected.status).toBe(201);
    expectToMatch(connected.body, 'SocialAccount', documents.internal);
    const path = `${base}/${connected.body.id}`;

    const row = await api!.get(path);
    expect(row).toMatchObject({ status: 200, body: connected.body });
    expectToMatch(row.body, 'SocialAccount', documents.public);

    const ended = await api!.delete(path);
    expect(ended).toMatchObject({ status: 200, body: { status: 'DISCONNECTED' } });
    expectToMatch(ended.body, 'DisconnectedAccount', documents.public);

    const receipt = await api!.get<{ effects: unknown[] }>(`${path}/disconnection`);
    expectToMatch(receipt.body, 'Receipt', documents.public);
    for (const effect of receipt.body.effects) {
      expectToMatch(effect, 'ReceiptEffect', documents.public);
    }
    const page = await api!.get(`${base}?workspaceId=${workspaceId}&limit=1`);
    expectToMatch(page.body, 'SocialAccountPage', documents.public);
  });

  it('include the documents themselves, for anyone', async () => {
    const served = await fetch(`${urls.public}/api/openapi.json`);
    expect(await served.json()).toEqual(documents.public);
    const internal = await fetch(`${urls.internal}/internal/openapi.json`);
    expect(await internal.json()).toEqual(documents.internal);
  });

  it('include a page that shows the document, with nothing from elsewhere', async () => {
    const page = await fetch(`${urls.public}/api/docs`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const html = await page.text();
    // Nothing inline, which the policy would refuse.
    expect(html).not.toMatch(/<style|<script>|\son\w+=|style=/);
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(loaded).toEqual([
      'data:,',
      '/api/docs/swagger-ui.css',
      '/api/docs/swagger-ui-bundle.js',
      '/api/docs/start.js',
    ]);
    for (const address of loaded.slice(1)) {
      const asset = await fetch(urls.public + address);
      expect([asset.status, asset.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      expect((await asset.text()).length).toBeGreaterThan(50);
    }
  });

  it('have the one shape when they are failures, in a status that the documents name', async () => {
    const account = anAccount({ workspaceId });
    const { id } = (await connect(account)).body;
    const unknown = `${base}/${aChannelId()}`;
    const failures = [
      [await api!.get(`${base}/nonsense`), 400, 'get', `${base}/{accountId}`],
      [await api!.get(unknown), 404, 'get', `${base}/{accountId}`],
      [await reviewer!.delete(`${base}/${id}`), 403, 'delete', `${base}/{accountId}`],
      [await api!.delete(unknown), 404, 'delete', `${base}/{accountId}`],
      [
        await api!.get(`${base}/${id}/disconnection`),
        404,
        'get',
        `${base}/{accountId}/disconnection`,
      ],
      [await api!.get(`${base}?limit=201`), 400, 'get', base],
      [await api!.get(`${base}?workspaceId=ws_${'0'.repeat(26)}`), 403, 'get', base],
    ] as const;
    for (const [answer, status, method, path] of failures) {
      expect(answer.status).toBe(status);
      expectToMatch(answer.body, 'Problem', documents.public);
      expect(Object.keys(documents.public.paths[path]![method]!.responses)).toContain(`${status}`);
    }
    const { responses } = documents.internal.paths['/internal/v1/channels']!.post!;
    for (const [answer, status] of [
      [await connect({ ...account, tokens: {} }), 400],
      [await connect(account), 409],
    ] as const) {
      expect(answer.status).toBe(status);
      expectToMatch(answer.body, 'Problem', documents.internal);
      expect(Object.keys(responses)).toContain(`${status}`);
    }
  });
});

describe.each(Object.entries(documents))('the document of the %s API', (_, document) => {
  it('is OpenAPI 3.1, asks for a key, and has no word of 3.0', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.security).toEqual([{ key: [] }]);
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('lets no request have more than it says, and every one may be refused for more', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv).addSchema({ $id: 'document', components: document.components });
    for (const methods of Object.values(document.paths)) {
      for (const { requestBody, responses } of Object.values(methods)) {
        const refusals = JSON.stringify(responses['400']?.content);
        expect(refusals).toContain('"VALIDATION_FAILED"');
        if (!requestBody) continue;
        const { schema, example, examples } = requestBody.content['application/json'];
        const good = (example ?? Object.values(examples!)[0]!.value) as object;
        const valid = ajv.compile(
          JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object,
        );
        expect([valid(good), valid({ ...good, surplus: 1 })]).toEqual([true, false]);
        if (!('tokens' in good)) continue;
        expect(valid({ ...good, tokens: { accessToken: 'a', surplus: 1 } })).toBe(false);
      }
    }
  });

  it('has an example of every body, and each is what its schema says', () => {
    const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
    const { components } = document;
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { requestBody, responses }] of Object.entries(methods)) {
        const bodies = { ...responses, ...(requestBody ? { request: requestBody } : {}) };
        for (const [name, { content }] of Object.entries(bodies)) {
          const { schema, example, examples } = content['application/json'];
          const values = examples ? Object.values(examples).map(({ value }) => value) : [example];
          for (const value of values) {
            const valid = ajv.validate({ ...schema, components }, value);
            expect([method, path, name, valid ? 'valid' : ajv.errorsText()]).toEqual([
              method,
              path,
              name,
              'valid',
            ]);
          }
        }
      }
    }
  });
});
