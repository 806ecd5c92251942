import type { FactoryProvider, Type } from '@nestjs/common';
import type { AnnouncedEffect } from '@app/domain';
import { AnalyticsPurge } from './analytics-purge/analytics-purge.effect';
import { CommentsPurge } from './comments-purge/comments-purge.effect';
import type { Effect } from './effect';
import { ScheduleCancel } from './schedule-cancel/schedule-cancel.effect';
import { TokenWipe } from './token-wipe/token-wipe.effect';

/** Every effect's provider: a name of the domain that has none doesn't compile. */
export const effectClasses: Readonly<Record<AnnouncedEffect, Type<Effect>>> = {
  'token-wipe': TokenWipe,
  'analytics-purge': AnalyticsPurge,
  'comments-purge': CommentsPurge,
  'schedule-cancel': ScheduleCancel,
};

/** Injects one of each. */
export const EFFECTS = Symbol('effects');

export const effectsProvider: FactoryProvider<readonly Effect[]> = {
  provide: EFFECTS,
  inject: Object.values(effectClasses),
  useFactory: (...effects: Effect[]) => effects,
};
