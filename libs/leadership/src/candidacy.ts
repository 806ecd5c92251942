import { linesOf, Outage, workBoard } from '@app/observability';

/** What a candidate tells of itself, to its health and once to the log. */
export class Candidacy {
  private readonly say = linesOf('leadership');
  private readonly work;
  private readonly outage;

  constructor(private readonly leadership: string) {
    this.work = workBoard.of('leadership', leadership);
    this.outage = new Outage(
      (err) => this.say('no candidate', { leadership, err }),
      (recovery) => this.say('candidate again', { leadership, ...recovery }),
    );
  }

  failed(error: unknown): void {
    this.work.become('no candidate');
    this.outage.failed(error);
  }

  /** @param epoch of the term that it has now; undefined: somebody else has it */
  isKnown(epoch: string | undefined): void {
    this.outage.over();
    if (epoch === undefined) return;
    this.work.become('leading');
    this.say('leading', { leadership: this.leadership, epoch });
  }

  standBy(): void {
    if (this.work.state === 'standing by') return;
    this.work.become('standing by');
    this.say('standing by', { leadership: this.leadership });
  }

  end(): void {
    workBoard.remove(this.work);
  }
}
