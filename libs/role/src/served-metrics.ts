import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { DynamicModule, OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { OpenToAnyone } from '@app/http';
import { MetricsModule, registry, Scrapes } from '@app/observability';

/**
 * Where a role shows its metrics: beside its health, or, where callers reach that port, on another one
 * that only operators do.
 */
export type MetricsPlace = 'beside health' | ((settings: Settings) => number);

/** `GET /metrics`: for Prometheus, and for nobody who can't reach the port. */
@Controller('metrics')
class MetricsController {
  constructor(private readonly scrapes: Scrapes) {}

  @Get()
  @OpenToAnyone()
  @Header('content-type', registry.contentType)
  metrics(): Promise<string> {
    return this.scrapes.exposition();
  }
}

/** A port that has `GET /metrics` and nothing else. */
class MetricsListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server = createServer((request, response) => {
    void this.answer(request, response);
  });

  constructor(
    private readonly scrapes: Scrapes,
    private readonly host: string,
    private readonly port: number,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.server.listen(this.port, this.host);
    await once(this.server, 'listening');
  }

  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
    if (method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
    const exposition = await this.scrapes.exposition();
    response.writeHead(200, { 'content-type': registry.contentType }).end(exposition);
  }
}

@Module({})
export class ServedMetricsModule {
  static at(place: MetricsPlace): DynamicModule {
    if (place === 'beside health') {
      return {
        module: ServedMetricsModule,
        imports: [MetricsModule],
        controllers: [MetricsController],
      };
    }
    const listener = {
      provide: MetricsListener,
      inject: [Scrapes, Settings],
      useFactory: (scrapes: Scrapes, settings: Settings) =>
        new MetricsListener(scrapes, settings.httpHost, place(settings)),
    };
    return { module: ServedMetricsModule, imports: [MetricsModule], providers: [listener] };
  }
}
