import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessModule } from '@app/access';
import { DeclaredInputGuard } from './declared-input.guard';
import { ErrorFilter } from './error.filter';
import { RouteAccess } from './route-access';
import { validation } from './validation';

/** What every HTTP role has: the door, the one error shape and validation. */
@Module({
  imports: [AccessModule],
  providers: [
    ErrorFilter,
    RouteAccess,
    { provide: APP_FILTER, useExisting: ErrorFilter },
    { provide: APP_GUARD, useClass: DeclaredInputGuard },
    { provide: APP_PIPE, useValue: validation },
  ],
  exports: [AccessModule],
})
export class HttpModule {}
