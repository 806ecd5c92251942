import { runLocal } from '@app/local';

void runLocal(process.argv.slice(2));
