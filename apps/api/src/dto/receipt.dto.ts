import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { EffectName, Platform, Receipt, ReceiptEffect } from '@app/domain';
import { effectNames, platforms } from '@app/domain';
import { ApiNullable, channelIdPattern, workspaceIdPattern } from '@app/http';

const time = { type: 'string', format: 'date-time' } as const;

/** As the document shows {@link ReceiptEffect}. */
@ApiSchema({ name: 'ReceiptEffect' })
export class ReceiptEffectDto implements ReceiptEffect {
  @ApiProperty({ enum: effectNames, enumName: 'EffectName' })
  name!: EffectName;

  @ApiProperty({ enum: ['PENDING', 'DONE'], enumName: 'EffectStatus' })
  status!: ReceiptEffect['status'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    description: 'What was really done, counted where it was done.',
    example: { canceled: 12 },
  })
  counts!: Record<string, number>;

  @ApiProperty({ type: 'integer', minimum: 0 })
  attempts!: number;

  @ApiNullable(time)
  firstAttemptAt!: string | null;

  @ApiNullable(time)
  finishedAt!: string | null;

  @ApiProperty(time)
  deadline!: string;
}

/** As the document shows {@link Receipt}. */
@ApiSchema({
  name: 'Receipt',
  description: 'What a disconnect has to bring about, and what is done.',
})
export class ReceiptDto implements Receipt {
  @ApiProperty({ type: 'string', pattern: channelIdPattern })
  accountId!: string;

  @ApiProperty({ type: 'string', pattern: workspaceIdPattern })
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({ enum: ['PENDING', 'COMPLETED'], enumName: 'ReceiptStatus' })
  status!: Receipt['status'];

  @ApiProperty(time)
  requestedAt!: string;

  @ApiProperty({ type: 'string', description: 'Opaque id of the user.' })
  requestedBy!: string;

  @ApiNullable(time)
  completedAt!: string | null;

  @ApiProperty({ ...time, description: "The last of the effects' deadlines." })
  deadline!: string;

  @ApiProperty({ type: [ReceiptEffectDto] })
  effects!: ReceiptEffectDto[];
}
