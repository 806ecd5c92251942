import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Platform } from '@app/domain';
import { platforms } from '@app/domain';
import { channelIdSchema, postIdSchema, timeSchema, workspaceIdSchema } from '@app/http';
import type { DisconnectPreview, UpcomingTarget } from '@app/queries';

const count = { type: 'integer', minimum: 0 } as const;

/** As the document shows {@link UpcomingTarget}. */
@ApiSchema({ name: 'UpcomingTarget' })
export class UpcomingTargetDto implements UpcomingTarget {
  @ApiProperty(postIdSchema)
  postId!: string;

  @ApiProperty(timeSchema)
  scheduledFor!: string;
}

@ApiSchema({ name: 'PreviewTargets' })
export class PreviewTargetsDto {
  @ApiProperty({ ...count, description: 'Scheduled, or waiting for an approval.', example: 12 })
  toCancel!: number;

  @ApiProperty({ ...count, description: 'Left to finish.', example: 1 })
  publishingNow!: number;

  @ApiProperty({
    type: [UpcomingTargetDto],
    maxItems: 5,
    description: 'The first of those to be cancelled that have a time, the soonest first.',
  })
  next!: UpcomingTargetDto[];
}

@ApiSchema({ name: 'PreviewCached' })
export class PreviewCachedDto {
  @ApiProperty({ ...count, example: 4210 })
  analyticsSnapshots!: number;

  @ApiProperty({ ...count, example: 318 })
  comments!: number;
}

@ApiSchema({ name: 'PreviewGrant' })
export class PreviewGrantDto {
  @ApiProperty({
    type: 'boolean',
    example: true,
    description: 'The platform has a way to withdraw the grant, and it is configured.',
  })
  revocable!: boolean;

  @ApiProperty({
    ...count,
    description: 'Other connected accounts on the same grant, in workspaces in reach.',
    example: 2,
  })
  sharedWith!: number;

  @ApiProperty({
    type: 'boolean',
    example: false,
    description: 'Revocable, and no connected account of any workspace shares the grant.',
  })
  willRevoke!: boolean;
}

/** As the document shows {@link DisconnectPreview}. */
@ApiSchema({ name: 'DisconnectPreview', description: 'What a disconnect would do.' })
export class DisconnectPreviewDto implements DisconnectPreview {
  @ApiProperty(channelIdSchema)
  accountId!: string;

  @ApiProperty(workspaceIdSchema)
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({ type: PreviewTargetsDto })
  targets!: PreviewTargetsDto;

  @ApiProperty({ type: PreviewCachedDto, description: 'What would be deleted.' })
  cached!: PreviewCachedDto;

  @ApiProperty({ type: PreviewGrantDto })
  grant!: PreviewGrantDto;

  @ApiProperty({ ...timeSchema, description: 'The moment that all of it was counted at.' })
  asOf!: string;
}
