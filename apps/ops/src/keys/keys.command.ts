import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { ListKeysCommand } from './list-keys.command';
import { MintKeyCommand } from './mint-key.command';
import { RevokeKeyCommand } from './revoke-key.command';

@Command({
  name: 'keys',
  description: 'The keys of users and the credentials of services.',
  subCommands: [MintKeyCommand, ListKeysCommand, RevokeKeyCommand],
})
export class KeysCommand extends GroupCommand {
  protected override readonly notes = [
    'A key (pb_live_…) speaks for a user in the public API, a credential (pb_svc_…) for a service in the\ninternal one. A secret is shown once, when it is made; only its hash is stored.',
  ];
}
