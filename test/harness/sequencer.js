const { createHash } = require('node:crypto');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * The projects with the longest files come first, so that at the end, when a worker finds no more to
 * do, the other one is done soon too. The serial project comes last, when nothing else runs.
 */
const order = ['faults', 'journeys', 'integration', 'contract', 'unit', 'timed faults'];

/**
 * Project by project, the files of each in a random order: no file may lean on another. The same
 * `--seed` gives the same order again; the summary says which one it was.
 */
module.exports = class RandomSequencer extends Sequencer {
  constructor(options) {
    super(options);
    this.seed = options.globalConfig.seed;
  }

  sort(tests) {
    const place = ({ context }) => order.indexOf(context.config.displayName.name);
    const dice = ({ path }) => createHash('sha1').update(`${this.seed} ${path}`).digest('hex');
    return [...tests].sort((a, b) => place(a) - place(b) || dice(a).localeCompare(dice(b)));
  }
};
