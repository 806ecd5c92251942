import { ApiExtraModels, ApiProperty, ApiSchema, getSchemaPath } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString } from 'class-validator';
import type { ChannelRow } from '@app/domain';
import type { ProblemBody } from '@app/http';
import { channelIdSchema, DisconnectedRowDto, ProblemDto } from '@app/http';

/** Whom to disconnect. A malformed id is told in its own result, and holds up no other. */
@ApiSchema({ name: 'BulkDisconnect' })
export class BulkDisconnectBody {
  @ApiProperty({
    type: 'array',
    // Of whatever form: the document must not forbid what is taken.
    items: { type: 'string', example: channelIdSchema.example },
    minItems: 1,
    maxItems: 100,
    description:
      'A repeated id is disconnected once, and answered wherever it stands; a malformed one is told in its own result.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  accountIds!: string[];
}

/** An account that is disconnected now. */
@ApiSchema({ name: 'BulkDisconnected' })
export class BulkDisconnectedDto {
  @ApiProperty(channelIdSchema)
  accountId!: string;

  @ApiProperty({ type: 'integer', enum: [200] })
  status!: 200;

  @ApiProperty({ type: DisconnectedRowDto })
  row!: ChannelRow;
}

/** An account that is not, and why. */
@ApiSchema({ name: 'BulkRefused' })
export class BulkRefusedDto {
  @ApiProperty({ type: 'string', description: 'As it was sent.', example: 'soc_1' })
  accountId!: string;

  @ApiProperty({ type: 'integer', enum: [400, 403, 404, 500, 503] })
  status!: number;

  @ApiProperty({ type: ProblemDto, description: 'What DELETE would have answered.' })
  error!: ProblemBody;
}

export type BulkResultDto = BulkDisconnectedDto | BulkRefusedDto;

/** What became of each account of a bulk disconnect. */
@ApiSchema({ name: 'BulkDisconnectResults' })
@ApiExtraModels(BulkDisconnectedDto, BulkRefusedDto)
export class BulkResultsDto {
  @ApiProperty({
    type: 'array',
    items: {
      oneOf: [
        { $ref: getSchemaPath(BulkDisconnectedDto) },
        { $ref: getSchemaPath(BulkRefusedDto) },
      ],
    },
    minItems: 1,
    maxItems: 100,
    description: 'One for each id, in their order.',
  })
  results!: BulkResultDto[];
}
