import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(__dirname, '../..');
const folders = ['', 'apps', 'docker', 'docs', 'libs', 'test'];
const pages = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '', encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path)),
);

interface Link {
  readonly from: string;
  readonly to: string;
}

/** What a page links to in this repository; what stands in code is none. */
function linksOf(page: string): Link[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/^\s*```[^]*?^\s*```$/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to]) => ({ from: page, to: to! }))
    .filter(({ to }) => !/^[a-z]+:/.test(to));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(path, 'utf8').replace(/^\s*```[^]*?^\s*```$/gm, '');
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function isBroken({ from, to }: Link): boolean {
  const [path, anchor] = to.split('#', 2) as [string, string?];
  const target = path === '' ? join(root, from) : resolve(root, dirname(from), path);
  if (relative(root, target).startsWith('..') || !existsSync(target)) return true;
  return anchor !== undefined && (statSync(target).isDirectory() || !anchorsOf(target).has(anchor));
}

describe('The documentation', () => {
  it('links to what is there, headings included', () => {
    const links = pages.flatMap(linksOf);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(isBroken).map(({ from, to }) => `${from}: ${to}`)).toEqual([]);
  });

  it('names only scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(
        ([, script]) => ({ page, script: script! }),
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });

  it('tells of each alert what to do, and of no other', () => {
    const rules = readFileSync(join(root, 'docker/prometheus/alerts.yml'), 'utf8');
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const manual = readFileSync(join(root, 'docs/operating.md'), 'utf8');
    const [, section] = manual.split('\n## Alerts\n');
    const told = [...section!.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(told.sort()).toEqual(alerts.sort());
  });
});
