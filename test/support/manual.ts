import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtFile } from '@app/embedded';
import { quickLoading } from '@app/testing';

/** What a manual tells an operator to enter. */
export interface ManualCommand {
  readonly language: 'sh' | 'sql';
  readonly text: string;
}

export interface ManualSection {
  readonly title: string;
  /** Those of its blocks in their order, then those in its sentences. */
  readonly commands: readonly ManualCommand[];
}

/**
 * The `##` sections of a page in Markdown, with every command in them: each line of an `sh` block, each
 * `sql` block, and what stands in a sentence as `ops …`.
 *
 * @throws Error for a block without a language, whose commands nobody would run
 */
export function readManual(path: string): ManualSection[] {
  const sections: { title: string; lines: string[] }[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const title = /^## (.*)$/.exec(line)?.[1];
    if (title !== undefined) sections.push({ title, lines: [] });
    else if (sections.length > 0) sections.at(-1)!.lines.push(line);
    else if (/^\s*```sh/.test(line)) sections.push({ title: 'Introduction', lines: [line] });
  }
  return sections.map(({ title, lines }) => ({ title, commands: commandsIn(lines) }));
}

function commandsIn(lines: readonly string[]): ManualCommand[] {
  const [blocks, prose]: [ManualCommand[], string[]] = [[], []];
  let block: { language: string; lines: string[] } | undefined;
  for (const line of lines) {
    const fence = /^\s*```(\w*)$/.exec(line);
    if (!fence) (block?.lines ?? prose).push(line);
    else if (!block) block = { language: fence[1]!, lines: [] };
    else {
      blocks.push(...commandsOf(block));
      block = undefined;
    }
  }
  const inSentences = [...prose.join(' ').matchAll(/`(ops [^`]+)`/g)].map(([, text]) => ({
    language: 'sh' as const,
    text: text!.replace(/\s+/g, ' '),
  }));
  const asked = new Set(blocks.map(({ text }) => text));
  return [...blocks, ...inSentences.filter(({ text }) => !asked.has(text))];
}

function commandsOf(block: { language: string; lines: string[] }): ManualCommand[] {
  const { language } = block;
  if (language === 'sql') return [{ language, text: block.lines.join('\n').trim() }];
  if (language !== 'sh') throw new Error(`A block in ${language || 'no language'}: use sh or sql`);
  return block.lines
    .map((line) => line.replace(/(^|\s{2,})#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((text) => ({ language, text }));
}

/** A shell that remembers what is exported, in which `ops` is the operators' command line. */
export class OperatorShell {
  private readonly env: NodeJS.ProcessEnv;

  /** @param cwd a folder without a `.env`, which `ops` would read */
  constructor(
    env: NodeJS.ProcessEnv,
    private readonly cwd: string,
  ) {
    this.env = { PATH: process.env.PATH, ...quickLoading.env, ...env };
  }

  /** @returns what it printed @throws Error with all of its output when it failed */
  async run(command: string): Promise<string> {
    const exported = /^export (\w+)=(\S+)$/.exec(command);
    if (exported) {
      this.env[exported[1]!] = exported[2];
      return '';
    }
    const program = [process.execPath, ...quickLoading.options, builtFile('apps/ops/src/main')];
    const ops = `ops() { ${program.map((word) => `'${word}'`).join(' ')} "$@"; }`;
    const child = spawn('bash', ['-euc', `${ops}; ${command}`], {
      cwd: this.cwd,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${stdout}${stderr}`);
    return stdout;
  }
}
