import { Command } from 'nest-commander';
import { GroupCommand } from '../command/group-command';
import { ListProjectionsCommand } from './list-projections.command';
import { PauseProjectionCommand, ResumeProjectionCommand } from './pause-projection.commands';
import { ProjectionStatusCommand } from './projection-status.command';
import { PruneProjectionCommand } from './prune-projection.command';
import { ReplayProjectionCommand } from './replay-projection.command';
import { RollBackProjectionCommand, SwapProjectionCommand } from './show-generation.commands';
import { VerifyProjectionCommand } from './verify-projection.command';

@Command({
  name: 'projections',
  description: 'The rows that readers see: built anew, checked, swapped, while readers read.',
  subCommands: [
    ListProjectionsCommand,
    ProjectionStatusCommand,
    ReplayProjectionCommand,
    VerifyProjectionCommand,
    SwapProjectionCommand,
    RollBackProjectionCommand,
    PauseProjectionCommand,
    ResumeProjectionCommand,
    PruneProjectionCommand,
  ],
})
export class ProjectionsCommand extends GroupCommand {
  protected override readonly notes = [
    'A projection (channels, receipts) has generations: tables of rows that follow from the events. Readers\nsee the live one. A replay builds another one and swaps it in; the former one stands by and is followed,\nuntil a rollback goes back to it or a prune drops it.',
  ];
  protected override readonly examples = [
    'projections status',
    'projections verify channels',
    "projections replay channels --actor ana@example.com --reason 'release 1.4'",
  ];
}
