import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { readReceiptKeys } from './receipt-key-file';
import { ReceiptSigner } from './receipt-signer';

/** For the public API alone: holds the key that signs. */
@Module({
  providers: [
    {
      provide: ReceiptSigner,
      inject: [Settings],
      useFactory: ({ receiptKeyFile }: Settings) =>
        ReceiptSigner.with(readReceiptKeys(receiptKeyFile)),
    },
  ],
  exports: [ReceiptSigner],
})
export class ReceiptsModule {}
