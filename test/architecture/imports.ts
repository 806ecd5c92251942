import ts from 'typescript';

/** One import of a file, in whatever form it is written. */
export interface Import {
  /** What is imported; undefined when it is computed, so that nobody can tell. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** Every import: plain, for types, re-exported, dynamic, `require`, and within a type. */
export function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const imported = importedBy(node);
    if (imported !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ specifier: textOf(imported.specifier), line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The specifier's node, when this is an import. */
function importedBy(node: ts.Node): { specifier: ts.Node | undefined } | undefined {
  if (ts.isImportDeclaration(node)) return { specifier: node.moduleSpecifier };
  if (ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && { specifier: node.moduleSpecifier };
  }
  if (ts.isExternalModuleReference(node)) return { specifier: node.expression };
  if (ts.isImportTypeNode(node)) return { specifier: node.argument };
  if (ts.isCallExpression(node) && (isImport(node.expression) || isRequire(node.expression))) {
    return { specifier: node.arguments[0] };
  }
  return undefined;
}

function isImport({ kind }: ts.Node): boolean {
  return kind === ts.SyntaxKind.ImportKeyword;
}

function isRequire(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === 'require';
}

function textOf(specifier: ts.Node | undefined): string | undefined {
  if (specifier === undefined) return undefined;
  if (ts.isLiteralTypeNode(specifier)) return textOf(specifier.literal);
  return ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}
