import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { EffectName, Platform, ReceiptEffect } from '@app/domain';
import { effectNames, platforms } from '@app/domain';
import {
  ApiNullable,
  channelIdSchema,
  timeSchema,
  userIdSchema,
  workspaceIdSchema,
} from '@app/http';
import type { SignedReceipt } from '@app/receipts';

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
    description:
      'What was really done, counted where it was done; of a grant whether it was revoked now or alreadyRevoked.',
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

/** As the document shows {@link SignedReceipt}. */
@ApiSchema({
  name: 'Receipt',
  description: 'What a disconnect has to bring about, and what is done.',
})
export class ReceiptDto implements SignedReceipt {
  @ApiProperty(channelIdSchema)
  accountId!: string;

  @ApiProperty(workspaceIdSchema)
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({ enum: ['PENDING', 'COMPLETED', 'OVERDUE'], enumName: 'ReceiptStatus' })
  status!: SignedReceipt['status'];

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

  @ApiNullable(timeSchema, {
    description:
      'Until when one token is kept sealed for the revocation of its grant alone; null when none is.',
    example: null,
  })
  revocationCopyUntil!: string | null;

  @ApiNullable(timeSchema, {
    description: 'From when on no backup can open the login tokens; null before they are wiped.',
  })
  backupsOpenUntil!: string | null;

  @ApiNullable(
    { type: 'integer', minimum: 0, example: 4 },
    {
      description:
        'Grows with every fact that is in the receipt; null while there is none. Two receipts of one revision are equal.',
    },
  )
  streamRevision!: number | null;

  @ApiProperty({
    type: 'string',
    pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
    description:
      'Compact JWS (RFC 7515, EdDSA over Ed25519) whose payload is everything above, as JSON. The keys are at /api/receipt-keys.json.',
    example: 'eyJhbGciOiJFZERTQSJ9.eyJhY2NvdW50SWQiOiJzb2NfMDEifQ.c2lnbmF0dXJl',
  })
  signature!: string;
}
