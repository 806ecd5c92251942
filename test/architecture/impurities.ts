import ts from 'typescript';

/** Names that give a pure room a clock, chance, or the machine that it runs on. */
const globals = new Set([
  'process',
  'globalThis',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
]);

/** What in a file reads the clock, chance, or the environment: a pure room gets these as inputs. */
export function impuritiesOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isImpure(node)) found.push(node.getText(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isImpure(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return isDate(node.expression) && !node.arguments?.length;
  // `Date()` is the current time as text, whatever it is given.
  if (ts.isCallExpression(node)) return isDate(node.expression);
  if (ts.isPropertyAccessExpression(node)) {
    return ['Date.now', 'Math.random'].includes(node.getText().replace(/\s/g, ''));
  }
  return ts.isIdentifier(node) && globals.has(node.text) && isReference(node);
}

function isDate(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === 'Date';
}

/** Not the name of a member, as in `{ process: 1 }` or `it.process`. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return (
    !(ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) || parent.name !== node
  );
}
