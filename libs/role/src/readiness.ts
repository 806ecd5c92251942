import { Injectable } from '@nestjs/common';

/** Whether this process wants to be asked for anything. */
@Injectable()
export class Readiness {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  /**
   * `ready` answers 503 from now on: said first of all when a process ends, while it still answers, so
   * that whoever balances load takes it out before it closes its port.
   */
  stop(): void {
    this.stopping = true;
  }
}
