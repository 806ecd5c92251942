import { CallError } from '../protocol/call-error';
import { encodeFellBehind, kindOf } from '../protocol/read-answer';
import type { Cut } from '../strictness';
import type { ManyAnswers } from './many-answers';
import type { Outgoing } from './outgoing';
import type { SubscriptionAnswers } from './subscribe';

const fellBehind = encodeFellBehind();

/**
 * The answers of a subscription of a strict store: `caughtUp` twice, and at some place no more.
 *
 * @see Strictness
 */
export class StrictAnswers implements SubscriptionAnswers {
  private sent = 0;

  constructor(
    private readonly outgoing: Outgoing<ManyAnswers>,
    private readonly cut: Cut,
  ) {}

  get ended(): AbortSignal {
    return this.outgoing.ended;
  }

  checkOpen(): void {
    this.outgoing.checkOpen();
  }

  /** @throws CallError after the subscription's last answer; CallEndedError */
  async send(answers: ManyAnswers): Promise<void> {
    const doubled = answers.flatMap((answer) =>
      kindOf(answer) === 'caughtUp' ? [answer, fellBehind, answer] : [answer],
    );
    const last = doubled.findIndex((answer) => this.isLast(answer));
    if (last < 0) return this.outgoing.send(doubled);
    await this.outgoing.send(doubled.slice(0, last + 1));
    throw new CallError(this.cut.status, 'This strict event store cuts subscriptions at random');
  }

  private isLast(answer: Buffer): boolean {
    const kind = kindOf(answer);
    if (kind !== 'confirmation') this.sent += 1;
    return kind === this.cut.after || this.sent === this.cut.after;
  }
}
