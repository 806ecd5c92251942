import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { ApiProblems, OpenToAnyone } from '@app/http';
import type { ReceiptKeySet } from '@app/receipts';
import { ReceiptSigner } from '@app/receipts';
import { ReceiptKeysDto } from './dto/receipt-keys.dto';

/** What anybody needs to verify a receipt, and may keep for the day when we are gone. */
@ApiTags('Receipts')
@Controller('api')
export class ReceiptKeysController {
  constructor(private readonly signer: ReceiptSigner) {}

  @Get('receipt-keys.json')
  @OpenToAnyone()
  @ApiSecurity({})
  @ApiOperation({ summary: 'The public keys of the receipts, the former ones too' })
  @ApiOkResponse({ type: ReceiptKeysDto })
  @ApiProblems({ 400: { VALIDATION_FAILED: 'There is a field that the route does not ask for.' } })
  keys(): ReceiptKeySet {
    return this.signer.publicKeys;
  }
}
