import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

/** The query of a listing. */
export class ListQuery {
  @IsOptional()
  @Matches(/^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'workspaceId must be ws_ and 26 characters of a ULID',
  })
  workspaceId?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 100;

  @IsOptional()
  @IsString()
  cursor?: string;
}
