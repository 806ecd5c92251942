import { Module } from '@nestjs/common';
import { SetUpCommand } from './set-up.command';

/** The operators' command line. */
@Module({ providers: [SetUpCommand] })
export class OpsModule {}
