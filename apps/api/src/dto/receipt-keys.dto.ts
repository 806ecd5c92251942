import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** A public key as a JWK (RFC 8037). */
@ApiSchema({ name: 'ReceiptKey' })
export class ReceiptKeyDto {
  @ApiProperty({ type: 'string', enum: ['OKP'], example: 'OKP' })
  kty!: 'OKP';

  @ApiProperty({ type: 'string', enum: ['Ed25519'], example: 'Ed25519' })
  crv!: 'Ed25519';

  @ApiProperty({ type: 'string', example: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })
  x!: string;

  @ApiProperty({
    type: 'string',
    description: 'Its thumbprint (RFC 7638), as in the header of each signature.',
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  })
  kid!: string;

  @ApiProperty({ type: 'string', enum: ['sig'], example: 'sig' })
  use!: 'sig';

  @ApiProperty({ type: 'string', enum: ['EdDSA'], example: 'EdDSA' })
  alg!: 'EdDSA';
}

/** As the document shows {@link ReceiptKeySet}. */
@ApiSchema({ name: 'ReceiptKeys', description: 'A JSON Web Key Set (RFC 7517).' })
export class ReceiptKeysDto {
  @ApiProperty({ type: [ReceiptKeyDto] })
  keys!: ReceiptKeyDto[];
}
