import type { PipeTransform } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { ChannelId } from '@app/domain';
import { isId } from '@app/domain';
import { HttpProblem } from './http-problem';

/** A channel's id in a path: one that can't exist is malformed (400), not unknown (404). */
@Injectable()
export class ChannelIdPipe implements PipeTransform<string, ChannelId> {
  transform(value: string): ChannelId {
    if (isId('channel', value)) return value;
    throw new HttpProblem(400, 'MALFORMED_ID', 'An account id is soc_ and 26 characters of a ULID');
  }
}
