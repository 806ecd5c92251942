import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { workspaceIdSchema } from '@app/http';

/** The query of a listing. */
export class ListQuery {
  @ApiPropertyOptional({
    ...workspaceIdSchema,
    description: 'One workspace; without it, every workspace that the key reaches.',
  })
  @IsOptional()
  @Matches(/^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'workspaceId must be ws_ and 26 characters of a ULID',
  })
  workspaceId?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 100, example: 100 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 100;

  @ApiPropertyOptional({
    type: 'string',
    description: 'nextCursor of the page before, as it is.',
    example: 'MjAyNi0xMS0yNVQxMDoxNTozMC4wMDBaIHNvY18wMUtBWFczSjlaUDBUNFFGN1YyTThCNk41Qw',
  })
  @IsOptional()
  @IsString()
  cursor?: string;
}
