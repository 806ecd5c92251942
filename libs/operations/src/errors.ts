/** What was asked for can't be meant; nothing was tried. `message` is one line that says what to give. */
export class WrongUsage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongUsage';
  }
}

/** There is nothing of that name, or not in that state; nothing was changed. */
export class NothingFound extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NothingFound';
  }
}
