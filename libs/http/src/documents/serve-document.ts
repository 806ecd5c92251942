import { readFile } from 'node:fs/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiDescription } from './documented';
import { documentOf } from './documented';

/** Where an application shows its own document. */
export interface DocumentPaths {
  readonly json: string;
  /** The page that shows it to people; none when absent. */
  readonly ui?: string;
}

/** The API that an application describes itself. */
export interface ServedDocument {
  readonly about: ApiDescription;
  readonly paths: DocumentPaths;
  /** Other documents in JSON, by their paths, e.g. what messages look like. */
  readonly more?: Readonly<Record<string, () => string>>;
}

/** Told to anyone: the document holds no secret. */
const open = { config: { need: 'anyone' } };

/** Nothing but what this page itself loads from here. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the documents, made when they are first asked for, and the page that shows it, offline. */
export function serveDocument(
  app: NestFastifyApplication,
  { about, paths: { json, ui }, more = {} }: ServedDocument,
): void {
  // As a plugin it is loaded with the other routes, so that whoever watches routes sees these too.
  void app
    .getHttpAdapter()
    .getInstance()
    .register(async (fastify) => {
      serveJson(fastify, json, () => JSON.stringify(documentOf(app, about)));
      for (const [path, make] of Object.entries(more)) serveJson(fastify, path, make);
      if (ui !== undefined) servePage(fastify, about.title, { json, ui });
    });
}

function serveJson(fastify: FastifyInstance, path: string, make: () => string): void {
  let document: string | undefined;
  fastify.get(path, open, async (_, reply) => {
    document ??= make();
    return reply.type('application/json; charset=utf-8').send(document);
  });
}

function servePage(
  fastify: FastifyInstance,
  title: string,
  { json, ui }: Required<DocumentPaths>,
): void {
  fastify.get(ui, open, async (_, reply) => send(reply, 'text/html', page(title, ui)));
  fastify.get(`${ui}/start.js`, open, async (_, reply) =>
    send(reply, 'text/javascript', startScript(json)),
  );
  for (const [file, type] of Object.entries(assets)) {
    fastify.get(`${ui}/${file}`, open, async (_, reply) =>
      send(reply, type, await readFile(require.resolve(`swagger-ui-dist/${file}`))),
    );
  }
}

/** What is taken of `swagger-ui-dist`. */
const assets = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
} as const;

function send(reply: FastifyReply, type: string, content: string | Buffer): FastifyReply {
  return reply
    .headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .type(`${type}; charset=utf-8`)
    .send(content);
}

function page(title: string, ui: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${ui}/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${ui}/swagger-ui-bundle.js"></script>
    <script src="${ui}/start.js"></script>
  </body>
</html>
`;
}

/** Neither the validator nor anything else is asked outside. */
function startScript(json: string): string {
  return `SwaggerUIBundle({ url: '${json}', dom_id: '#swagger-ui', validatorUrl: null });\n`;
}
