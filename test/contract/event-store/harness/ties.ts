import ts from 'typescript';

/** What ties a file's tests to the contract, read from its source: no test has to run for it. */
export interface Ties {
  /** The lines under which there is a test, in the order of the file. */
  readonly held: readonly string[];
  /** Where tests stand that are under no line: `line 12: it("...")`. */
  readonly loose: readonly string[];
}

/** Finds each `it` of a spec file, and the `describe(rule('...'))` that it stands in. */
export function tiesOf(source: string): Ties {
  const file = ts.createSourceFile('spec.ts', source, ts.ScriptTarget.ES2022, true);
  const held = new Set<string>();
  const loose: string[] = [];
  const visit = (node: ts.Node, id: string | undefined): void => {
    const call = ts.isCallExpression(node) ? node : undefined;
    const inner = (call && ruleNamedBy(call)) ?? id;
    if (call && isTest(call)) {
      if (inner !== undefined) held.add(inner);
      else loose.push(`line ${lineOf(file, call)}: ${call.getText(file).slice(0, 60)}`);
      return;
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, undefined);
  return { held: [...held], loose };
}

/** The id in `describe(rule('id'), ...)`, and the same with `embeddedOnly`. */
function ruleNamedBy({ arguments: [title] }: ts.CallExpression): string | undefined {
  if (!title || !ts.isCallExpression(title) || title.expression.getText() !== 'rule') return;
  const [id] = title.arguments;
  return id && ts.isStringLiteral(id) ? id.text : undefined;
}

/** `it(...)`, and `it.each(...)(...)` as a whole. */
function isTest({ expression }: ts.CallExpression): boolean {
  if (ts.isIdentifier(expression)) return ['it', 'test'].includes(expression.text);
  return (
    ts.isCallExpression(expression) && /^(it|test)\.each\b/.test(expression.getText().slice(0, 10))
  );
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}
