import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { EffectName, Platform, Receipt, ReceiptEffect } from '@app/domain';
import { effectNames, platforms } from '@app/domain';
import {
  ApiNullable,
  channelIdSchema,
  timeSchema,
  userIdSchema,
  workspaceIdSchema,
} from '@app/http';

/** As the document shows {@link ReceiptEffect}. */
@ApiSchema({ name: 'ReceiptEffect' })
export class ReceiptEffectDto implements ReceiptEffect {
  @ApiProperty({ enum: effectNames, enumName: 'EffectName' })
  name!: EffectName;

  @ApiProperty({
    enum: ['PENDING', 'PARKED', 'DONE', 'NOT_SUPPORTED', 'KEPT_SHARED', 'FAILED'],
    enumName: 'EffectStatus',
  })
  status!: ReceiptEffect['status'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    description: 'What was really done, counted where it was done.',
    example: { canceled: 12 },
  })
  counts!: Record<string, number>;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  attempts!: number;

  @ApiNullable(timeSchema)
  firstAttemptAt!: string | null;

  @ApiNullable(timeSchema)
  finishedAt!: string | null;

  @ApiProperty(timeSchema)
  deadline!: string;
}

/** As the document shows {@link Receipt}. */
@ApiSchema({
  name: 'Receipt',
  description: 'What a disconnect has to bring about, and what is done.',
})
export class ReceiptDto implements Receipt {
  @ApiProperty(channelIdSchema)
  accountId!: string;

  @ApiProperty(workspaceIdSchema)
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({ enum: ['PENDING', 'COMPLETED', 'OVERDUE'], enumName: 'ReceiptStatus' })
  status!: Receipt['status'];

  @ApiProperty(timeSchema)
  requestedAt!: string;

  @ApiProperty({
    type: 'string',
    description: 'Opaque id of the user.',
    example: userIdSchema.example,
  })
  requestedBy!: string;

  @ApiNullable(timeSchema)
  completedAt!: string | null;

  @ApiProperty({ ...timeSchema, description: "The last of the effects' deadlines." })
  deadline!: string;

  @ApiProperty({ type: [ReceiptEffectDto] })
  effects!: ReceiptEffectDto[];
}
