import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDisconnected } from '.';

const { key, headers, data } = JSON.parse(
  readFileSync(join(__dirname, '../goldens/channel.disconnected.v1.json'), 'utf8'),
) as { key: string; headers: Record<string, string>; data: Record<string, unknown> };

function read(change: {
  headers?: Record<string, string | undefined>;
  key?: string | null;
  data?: Record<string, unknown>;
  value?: Uint8Array | null;
}) {
  const value = Buffer.from(JSON.stringify({ ...data, ...change.data }));
  const changed = Object.entries({ ...headers, ...change.headers });
  return readDisconnected(
    Object.fromEntries(
      changed.filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    change.key === undefined ? key : change.key,
    change.value === undefined ? value : change.value,
  );
}

describe('readDisconnected', () => {
  it('reads the golden', () => {
    expect(read({})).toEqual({
      kind: 'ok',
      message: {
        id: headers.ce_id,
        type: headers.ce_type,
        subject: key,
        time: headers.ce_time,
        streamrevision: 1,
        data,
      },
    });
  });

  it('ignores fields and headers that it does not know', () => {
    expect(read({ data: { more: 1 }, headers: { ce_more: '1' } })).toEqual(read({}));
  });

  it('reads where a trace goes on, and ignores what is malformed', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const traced = read({ headers: { ce_traceparent: traceparent } });
    expect(traced).toMatchObject({ kind: 'ok', message: { traceparent } });
    for (const malformed of ['', '00', `${traceparent}-00`, `\u0000${traceparent}`]) {
      expect(read({ headers: { ce_traceparent: malformed } })).toEqual(read({}));
    }
  });

  it('reads a content type with parameters', () => {
    const contentType = { 'content-type': 'application/json; charset=utf-8' };
    expect(read({ headers: contentType }).kind).toBe('ok');
  });

  it.each(['ai.postbreeze.channel.connected.v1', 'ai.postbreeze.channel.revoked.v7'])(
    'leaves %s alone',
    (type) => expect(read({ headers: { ce_type: type } })).toEqual({ kind: 'other', type }),
  );

  it.each(['v2', 'v10', 'v01', 'x'])('says that it can not read version %s', (version) => {
    const type = `ai.postbreeze.channel.disconnected.${version}`;
    expect(read({ headers: { ce_type: type } })).toEqual({ kind: 'unknownVersion', type });
  });

  it.each<[string, Parameters<typeof read>[0]]>([
    ['no type', { headers: { ce_type: undefined } }],
    ['another CloudEvents version', { headers: { ce_specversion: '0.3' } }],
    ['no CloudEvents version', { headers: { ce_specversion: undefined } }],
    ['another source', { headers: { ce_source: '/elsewhere' } }],
    ['no id', { headers: { ce_id: undefined } }],
    ['an id that is no UUID', { headers: { ce_id: '1' } }],
    ['no subject', { headers: { ce_subject: undefined } }],
    ['a subject that is no channel', { headers: { ce_subject: 'soc_1' }, key: 'soc_1' }],
    ['no key', { key: null }],
    ['another key', { key: key.replace('C', 'D') }],
    ['no time', { headers: { ce_time: undefined } }],
    ['a time that does not exist', { headers: { ce_time: '2026-13-45T00:00:00Z' } }],
    ['a revision that is no number', { headers: { ce_streamrevision: '-1' } }],
    ['another content type', { headers: { 'content-type': 'application/jsonp' } }],
    ['no content type', { headers: { 'content-type': undefined } }],
    ['no value', { value: null }],
    ['no JSON', { value: Buffer.from('{') }],
    ['no UTF-8', { value: Buffer.from([0x22, 0xff, 0x22]) }],
    ['a list', { value: Buffer.from('[]') }],
    ['null', { value: Buffer.from('null') }],
    ['another channel in the data', { data: { channelId: key.replace('C', 'D') } }],
    ['a channel that is no text', { data: { channelId: [key] } }],
    ['another status', { data: { status: 'ACTIVE' } }],
    ['no workspace', { data: { workspaceId: undefined } }],
    ['a platform that is none', { data: { platform: 'instagram' } }],
    ['a time that is none', { data: { disconnectedAt: 'yesterday' } }],
  ])('keeps aside what has %s', (_, change) => {
    expect(read(change).kind).toBe('skip');
  });

  it('survives a message without anything', () => {
    expect(readDisconnected({}, null, null).kind).toBe('skip');
  });
});
