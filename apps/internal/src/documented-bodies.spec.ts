import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { anAccount } from '@app/testing';
import { ConnectBody } from './connect.dto';
import { GrantBody } from './grant.dto';
import { RefreshReportBody, refreshReports } from './token-refresh.dto';

interface Document {
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: Record<string, object> }>>;
  };
}

const document = JSON.parse(
  readFileSync(join(__dirname, '../../../docs/openapi-internal.json'), 'utf8'),
) as Document;
const ajv = addFormats(new Ajv2020({ strict: false })).addSchema(document, 'api');

const account = anAccount();
const { scopes, tokens, tokenExpiresAt, grantedAt, grantSubject, actor } = account;
const grant = { scopes, tokens, tokenExpiresAt, grantedAt, grantSubject, actor };
/** Throws when a body is refused that its class takes. */
type Read = (body: never) => unknown;
const bodies: readonly [string, Type<object>, Read, object][] = [
  ['Connect', ConnectBody, ConnectBody.toAccount, account],
  ['Grant', GrantBody, GrantBody.toGrant, grant],
  ['RefreshReport', RefreshReportBody, RefreshReportBody.toReport, refreshReports.success.value],
  ['RefreshReport', RefreshReportBody, RefreshReportBody.toReport, refreshReports.failure.value],
];
const values: readonly unknown[] = [null, '', 'text', 0, 1.5, true, [], {}, [null], [[]]];

const cases = bodies.flatMap(([schema, type, read, body]) =>
  Object.keys(document.components.schemas[schema]!.properties).flatMap((field) =>
    values.map((value) => ({
      schema,
      type,
      read,
      field,
      value,
      body: { ...body, [field]: value },
    })),
  ),
);

function isTaken(type: Type<object>, read: Read, body: object): boolean {
  const instance = plainToInstance(type, body);
  if (validateSync(instance).length > 0) return false;
  try {
    read(instance as never);
    return true;
  } catch {
    return false;
  }
}

describe('a body of the internal API', () => {
  it.each(bodies)('%s is taken as the document shows it', (schema, type, read, body) => {
    expect(isTaken(type, read, body)).toBe(true);
    expect(ajv.validate({ $ref: `api#/components/schemas/${schema}` }, body)).toBe(true);
  });

  it('is never taken with a field that the document forbids', () => {
    const undocumented: string[] = [];
    let taken = 0;
    for (const { schema, type, read, field, value, body } of cases) {
      if (!isTaken(type, read, body)) continue;
      taken++;
      if (ajv.validate({ $ref: `api#/components/schemas/${schema}` }, body)) continue;
      undocumented.push(`${schema}.${field}: ${JSON.stringify(value)}`);
    }
    expect(undocumented).toEqual([]);
    // Some are taken, or nothing was shown.
    expect(taken).toBeGreaterThan(bodies.length);
  });
});
