import ts from 'typescript';

/**
 * What interfaces and type aliases say about themselves: their fields, docstrings included, so that a
 * document can't say anything else than the code.
 */
export class DeclaredTypes {
  /** @param {readonly string[]} files absolute paths; what they import is read as well */
  constructor(files) {
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node20,
      strict: true,
      types: [],
      noEmit: true,
    });
    this.checker = program.getTypeChecker();
    this.declarations = new Map();
    for (const file of program.getSourceFiles()) {
      if (!program.isSourceFileDefaultLibrary(file)) this.#collect(file);
    }
  }

  #collect(file) {
    for (const statement of file.statements) {
      if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
        this.declarations.set(statement.name.text, statement);
      }
    }
  }

  /** The docstring of a type, as one line. */
  docOf(name) {
    return this.#doc(this.#symbol(this.#declaration(name).name));
  }

  /**
   * The fields of an object type, the inherited ones first.
   *
   * @param {string} name of the type
   * @param {string} [property] whose type is asked for, rather than the type itself
   * @returns {{ name: string, type: string, optional: boolean, doc: string }[]}
   */
  fieldsOf(name, property) {
    const declared = this.checker.getTypeAtLocation(this.#declaration(name).name);
    const type = property ? this.checker.getTypeOfSymbol(declared.getProperty(property)) : declared;
    return type.getProperties().map((field) => ({
      name: field.name,
      type: field.valueDeclaration.type.getText().replace(/\s+/g, ' '),
      optional: (field.flags & ts.SymbolFlags.Optional) !== 0,
      doc: this.#doc(field),
    }));
  }

  /** Whether it is an object with fields of its own to show. */
  hasFields(name) {
    return ts.isInterfaceDeclaration(this.#declaration(name));
  }

  /** What an alias stands for, its values spelled out. */
  expansionOf(name) {
    const { name: identifier } = this.#declaration(name);
    const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;
    return this.checker.typeToString(this.checker.getTypeAtLocation(identifier), undefined, flags);
  }

  /** The declared names that a piece of type text mentions, in their order. */
  namesIn(text) {
    return (text.match(/[A-Za-z]\w*/g) ?? []).filter((word) => this.declarations.has(word));
  }

  #declaration(name) {
    const declaration = this.declarations.get(name);
    if (!declaration) throw new Error(`There is no type ${name}`);
    return declaration;
  }

  #symbol(identifier) {
    return this.checker.getSymbolAtLocation(identifier);
  }

  #doc(symbol) {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    return text.replace(/\s+/g, ' ').trim();
  }
}
