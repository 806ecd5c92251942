import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ApiNullable, ChannelRowDto } from '@app/http';
import type { ChannelPage } from '@app/queries';

/** As the document shows {@link ChannelPage}. */
@ApiSchema({ name: 'SocialAccountPage' })
export class ChannelPageDto implements ChannelPage {
  @ApiProperty({ type: [ChannelRowDto], description: 'Newest-connected first.' })
  data!: ChannelRowDto[];

  @ApiNullable(
    {
      type: 'string',
      example: 'MjAyNi0xMS0yNVQxMDoxNTozMC4wMDBaIHNvY18wMUtBWFczSjlaUDBUNFFGN1YyTThCNk41Qw',
    },
    { description: 'To be sent back for the next page; null on the last one.' },
  )
  nextCursor!: string | null;
}
