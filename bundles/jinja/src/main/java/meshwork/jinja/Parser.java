package meshwork.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import meshwork.jinja.Lexer.Kind;
import meshwork.jinja.Lexer.Token;
import meshwork.jinja.Syntax.Expression;
import meshwork.jinja.Syntax.Given;
import meshwork.jinja.Syntax.Statement;
import meshwork.jinja.Syntax.Target;
import meshwork.jinja.Syntax.Variable;

/** Reads the tree of a template from its tokens. */
final class Parser {

	private static final Set<String> UNSUPPORTED = Set.of("autoescape", "block", "extends", "from", "import", "include");
	private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");
	private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

	private final List<Token> tokens;
	private final int deepest;
	private int at;
	private int depth;

	private Parser(List<Token> tokens, int deepest) {
		this.tokens = tokens;
		this.deepest = deepest;
	}

	/** @param deepest how far statements and expressions may be inside each other */
	static List<Statement> parse(String source, int deepest) {
		return new Parser(Lexer.tokens(source), deepest).statements(List.of());
	}

	// -- tokens

	private Token now() {
		return tokens.get(at);
	}

	private Token next() {
		Token token = tokens.get(at);
		at += token.kind() == Kind.END ? 0 : 1;
		return token;
	}

	private boolean is(Kind kind) {
		return now().kind() == kind;
	}

	private boolean isName(String name) {
		return now().is(Kind.NAME, name);
	}

	private boolean isSign(String sign) {
		return now().is(Kind.OPERATOR, sign);
	}

	private boolean takeName(String name) {
		boolean there = isName(name);
		at += there ? 1 : 0;
		return there;
	}

	private boolean takeSign(String sign) {
		boolean there = isSign(sign);
		at += there ? 1 : 0;
		return there;
	}

	private Token expect(Kind kind) {
		if (!is(kind)) {
			throw expected(kind.words);
		}
		return next();
	}

	private void expectName(String name) {
		if (!takeName(name)) {
			throw expected(name);
		}
	}

	private void expectSign(String sign) {
		if (!takeSign(sign)) {
			throw expected(sign);
		}
	}

	private TemplateError expected(String what) {
		return is(Kind.END) ? error("unexpected end of template, expected '" + what + "'")
				: error("expected token '" + what + "', got '" + now().describe() + "'");
	}

	private TemplateError error(String message) {
		return error(message, now().line());
	}

	private static TemplateError error(String message, int line) {
		return new TemplateError(TemplateError.Kind.SYNTAX, line, message);
	}

	private void enter() {
		if (++depth > deepest) {
			throw new TemplateError(TemplateError.Kind.LIMIT, now().line(), "nested more than " + deepest + " deep");
		}
	}

	// -- statements

	/** Statements up to the tag that ends them, whose name is then the current token. */
	private List<Statement> statements(List<String> ends) {
		enter();
		List<Statement> statements = new ArrayList<>();
		List<Expression> parts = new ArrayList<>();
		int line = now().line();
		while (true) {
			Token token = now();
			if (token.kind() == Kind.DATA || token.kind() == Kind.OPEN_PRINT) {
				line = parts.isEmpty() ? token.line() : line;
				next();
				if (token.kind() == Kind.DATA) {
					parts.add(new Syntax.Constant(token.line(), token.text()));
				} else {
					parts.add(tuple(true, false, ""));
					expect(Kind.CLOSE_PRINT);
				}
				continue;
			}
			if (!parts.isEmpty()) {
				statements.add(new Syntax.Output(line, List.copyOf(parts)));
				parts.clear();
			}
			if (token.kind() == Kind.END) {
				if (!ends.isEmpty()) {
					throw error("Unexpected end of template. Jinja was looking for the following tags: '"
							+ String.join("' or '", ends) + "'");
				}
				break;
			}
			next();
			if (is(Kind.NAME) && ends.contains(now().text())) {
				break;
			}
			statements.add(statement(ends));
			expect(Kind.CLOSE_BLOCK);
		}
		depth--;
		return statements;
	}

	/** The statements of a tag that is not closed yet, and the tag that ends them. */
	private List<Statement> body(String... ends) {
		takeSign(":");
		expect(Kind.CLOSE_BLOCK);
		return statements(List.of(ends));
	}

	private List<Statement> wholeBody(String end) {
		List<Statement> body = body(end);
		next();
		return body;
	}

	private Statement statement(List<String> ends) {
		Token tag = now();
		if (tag.kind() != Kind.NAME) {
			throw error("tag name expected");
		}
		next();
		int line = tag.line();
		return switch (tag.text()) {
			case "if" -> conditional(line);
			case "for" -> loop(line);
			case "set" -> assignment(line);
			case "macro" -> macro(line);
			case "call" -> callBlock(line);
			case "filter" -> {
				Expression filter = filters(null, true);
				yield new Syntax.FilterBlock(line, filter, wholeBody("endfilter"));
			}
			case "with" -> with(line);
			case "print" -> print(line);
			case "generation" -> new Syntax.CallBlock(line, null,
					new Syntax.Function(List.of(), List.of(), wholeBody("endgeneration")));
			case "break" -> new Syntax.Jump(line, true);
			case "continue" -> new Syntax.Jump(line, false);
			default -> throw error(UNSUPPORTED.contains(tag.text()) ? "the tag '" + tag.text() + "' is not supported"
					: "Encountered unknown tag '" + tag.text() + "'." + (ends.isEmpty() ? ""
							: " Jinja was looking for the following tags: '" + String.join("' or '", ends) + "'"), line);
		};
	}

	private Syntax.If conditional(int line) {
		Expression test = tuple(false, false, "");
		List<Statement> body = body("elif", "else", "endif");
		List<Syntax.If> elifs = new ArrayList<>();
		List<Statement> otherwise = List.of();
		while (true) {
			Token tag = next();
			if (tag.text().equals("endif")) {
				break;
			}
			if (tag.text().equals("else")) {
				otherwise = wholeBody("endif");
				break;
			}
			Expression elifTest = tuple(false, false, "");
			elifs.add(new Syntax.If(tag.line(), elifTest, body("elif", "else", "endif"), List.of(), List.of()));
		}
		return new Syntax.If(line, test, body, elifs, otherwise);
	}

	private Syntax.For loop(int line) {
		Target target = target("in", false);
		expectName("in");
		Expression items = tuple(false, false, "recursive");
		Expression filter = takeName("if") ? expression() : null;
		boolean recursive = takeName("recursive");
		List<Statement> body = body("endfor", "else");
		List<Statement> otherwise = next().text().equals("else") ? wholeBody("endfor") : List.of();
		return new Syntax.For(line, target, items, body, otherwise, filter, recursive);
	}

	private Statement assignment(int line) {
		Target target;
		if (is(Kind.NAME) && tokens.get(at + 1).is(Kind.OPERATOR, ".")) {
			String namespace = next().text();
			next();
			target = new Syntax.Attributed(line, namespace, expect(Kind.NAME).text());
		} else {
			target = target("", false);
		}
		if (takeSign("=")) {
			return new Syntax.Assignment(line, target, tuple(true, false, ""));
		}
		Expression filter = isSign("|") ? filters(null, false) : null;
		return new Syntax.BlockAssignment(line, target, filter, wholeBody("endset"));
	}

	private Statement macro(int line) {
		String name = variable(false).name();
		List<Variable> parameters = new ArrayList<>();
		List<Expression> defaults = new ArrayList<>();
		signature(parameters, defaults);
		return new Syntax.MacroDefinition(line, name, new Syntax.Function(parameters, defaults, wholeBody("endmacro")));
	}

	private Statement callBlock(int line) {
		List<Variable> parameters = new ArrayList<>();
		List<Expression> defaults = new ArrayList<>();
		if (isSign("(")) {
			signature(parameters, defaults);
		}
		if (!(expression() instanceof Syntax.Call call)) {
			throw error("expected call", line);
		}
		return new Syntax.CallBlock(line, call, new Syntax.Function(parameters, defaults, wholeBody("endcall")));
	}

	private void signature(List<Variable> parameters, List<Expression> defaults) {
		expectSign("(");
		while (!isSign(")")) {
			if (!parameters.isEmpty()) {
				expectSign(",");
			}
			Variable parameter = variable(true);
			if (parameters.stream().anyMatch(other -> other.name().equals(parameter.name()))) {
				throw error("duplicate parameter '" + parameter.name() + "'");
			}
			if (takeSign("=")) {
				defaults.add(expression());
			} else if (!defaults.isEmpty()) {
				throw error("non-default argument follows default argument");
			}
			parameters.add(parameter);
		}
		expectSign(")");
	}

	private Statement with(int line) {
		List<Target> targets = new ArrayList<>();
		List<Expression> values = new ArrayList<>();
		while (!is(Kind.CLOSE_BLOCK)) {
			if (!targets.isEmpty()) {
				expectSign(",");
			}
			targets.add(target("", true));
			expectSign("=");
			values.add(expression());
		}
		return new Syntax.With(line, targets, values, wholeBody("endwith"));
	}

	private Statement print(int line) {
		List<Expression> parts = new ArrayList<>();
		while (!is(Kind.CLOSE_BLOCK)) {
			if (!parts.isEmpty()) {
				expectSign(",");
			}
			parts.add(expression());
		}
		return new Syntax.Output(line, parts);
	}

	// -- targets

	private Variable variable(boolean parameter) {
		Token name = expect(Kind.NAME);
		return variable(name.text(), name.line(), parameter);
	}

	private static Variable variable(String name, int line, boolean parameter) {
		if (CONSTANTS.contains(name)) {
			throw error("can't assign to '" + name + "'", line);
		}
		return new Variable(line, name, parameter);
	}

	private Target target(String end, boolean parameter) {
		int line = now().line();
		return asTarget(tuple(true, true, end), line, parameter);
	}

	private static Target asTarget(Expression expression, int line, boolean parameter) {
		return switch (expression) {
			case Syntax.Name name -> variable(name.name(), line, parameter);
			case Syntax.Sequence items when items.tuple() -> new Syntax.Targets(line,
					items.items().stream().map(item -> asTarget(item, line, parameter)).toList());
			default -> throw error("can't assign to this expression", line);
		};
	}

	// -- expressions, loosest first

	private Expression expression() {
		return conditionalExpression();
	}

	/**
	 * One expression, or a tuple if there are commas.
	 *
	 * @param conditional whether {@code a if b} may be one
	 * @param simple whether only names and literals may be items
	 * @param end name that ends the tuple
	 */
	private Expression tuple(boolean conditional, boolean simple, String end) {
		return tuple(conditional, simple, end, false);
	}

	private Expression tuple(boolean conditional, boolean simple, String end, boolean parentheses) {
		int line = now().line();
		List<Expression> items = new ArrayList<>();
		boolean comma = false;
		while (true) {
			if (!items.isEmpty()) {
				expectSign(",");
			}
			if (is(Kind.CLOSE_PRINT) || is(Kind.CLOSE_BLOCK) || isSign(")") || !end.isEmpty() && isName(end)) {
				break;
			}
			items.add(simple ? primary() : conditional ? expression() : or());
			if (!isSign(",")) {
				break;
			}
			comma = true;
		}
		if (!comma) {
			if (!items.isEmpty()) {
				return items.get(0);
			}
			if (!parentheses) {
				throw error("Expected an expression, got '" + now().describe() + "'");
			}
		}
		return new Syntax.Sequence(line, items, true);
	}

	private Expression conditionalExpression() {
		enter();
		int line = now().line();
		Expression value = or();
		while (takeName("if")) {
			Expression test = or();
			Expression otherwise = takeName("else") ? conditionalExpression() : null;
			value = new Syntax.Conditional(line, test, value, otherwise);
			line = now().line();
		}
		depth--;
		return value;
	}

	private Expression or() {
		int line = now().line();
		Expression left = and();
		while (takeName("or")) {
			left = new Syntax.Logical(line, false, left, and());
		}
		return left;
	}

	private Expression and() {
		int line = now().line();
		Expression left = not();
		while (takeName("and")) {
			left = new Syntax.Logical(line, true, left, not());
		}
		return left;
	}

	private Expression not() {
		if (isName("not")) {
			enter();
			int line = next().line();
			Expression operand = not();
			depth--;
			return new Syntax.Unary(line, "not", operand);
		}
		return comparison();
	}

	private Expression comparison() {
		int line = now().line();
		Expression first = sum();
		List<String> operators = new ArrayList<>();
		List<Expression> others = new ArrayList<>();
		while (true) {
			if (is(Kind.OPERATOR) && COMPARISONS.contains(now().text())) {
				operators.add(next().text());
			} else if (takeName("in")) {
				operators.add("in");
			} else if (isName("not") && tokens.get(at + 1).is(Kind.NAME, "in")) {
				at += 2;
				operators.add("not in");
			} else {
				break;
			}
			others.add(sum());
		}
		return operators.isEmpty() ? first : new Syntax.Comparison(line, first, operators, others);
	}

	private Expression sum() {
		Expression left = concatenation();
		while (isSign("+") || isSign("-")) {
			Token sign = next();
			left = new Syntax.Binary(sign.line(), sign.text().equals("+") ? Operators.ADD : Operators.SUBTRACT, left,
					concatenation());
		}
		return left;
	}

	private Expression concatenation() {
		int line = now().line();
		List<Expression> parts = new ArrayList<>();
		do {
			parts.add(product());
		} while (takeSign("~"));
		return parts.size() == 1 ? parts.get(0) : new Syntax.Concatenation(line, parts);
	}

	private Expression product() {
		Expression left = power();
		while (isSign("*") || isSign("/") || isSign("//") || isSign("%")) {
			Token sign = next();
			Operators operator = switch (sign.text()) {
				case "*" -> Operators.MULTIPLY;
				case "/" -> Operators.DIVIDE;
				case "//" -> Operators.FLOOR_DIVIDE;
				default -> Operators.MODULO;
			};
			left = new Syntax.Binary(sign.line(), operator, left, power());
		}
		return left;
	}

	private Expression power() {
		Expression left = unary(true);
		while (isSign("**")) {
			left = new Syntax.Binary(next().line(), Operators.POWER, left, unary(true));
		}
		return left;
	}

	private Expression unary(boolean filtered) {
		enter();
		Expression value;
		if (isSign("-") || isSign("+")) {
			Token sign = next();
			value = new Syntax.Unary(sign.line(), sign.text(), unary(false));
		} else {
			value = primary();
		}
		value = postfix(value);
		depth--;
		return filtered ? filtersAndTests(value) : value;
	}

	private Expression primary() {
		Token token = now();
		switch (token.kind()) {
			case NAME -> {
				next();
				return switch (token.text()) {
					case "true", "True" -> new Syntax.Constant(token.line(), true);
					case "false", "False" -> new Syntax.Constant(token.line(), false);
					case "none", "None" -> new Syntax.Constant(token.line(), null);
					default -> new Syntax.Name(token.line(), token.text());
				};
			}
			case STRING -> {
				StringBuilder text = new StringBuilder();
				while (is(Kind.STRING)) {
					text.append(next().value());
				}
				return new Syntax.Constant(token.line(), text.toString());
			}
			case NUMBER -> {
				next();
				return new Syntax.Constant(token.line(), token.value());
			}
			default -> {
				if (takeSign("(")) {
					Expression inside = tuple(true, false, "", true);
					expectSign(")");
					return inside;
				}
				if (takeSign("[")) {
					return list(token.line());
				}
				if (takeSign("{")) {
					return pairs(token.line());
				}
				throw error("unexpected '" + token.describe() + "'");
			}
		}
	}

	private Expression list(int line) {
		List<Expression> items = new ArrayList<>();
		while (!isSign("]")) {
			if (!items.isEmpty()) {
				expectSign(",");
			}
			if (isSign("]")) {
				break;
			}
			items.add(expression());
		}
		expectSign("]");
		return new Syntax.Sequence(line, items, false);
	}

	private Expression pairs(int line) {
		List<Expression> keys = new ArrayList<>();
		List<Expression> values = new ArrayList<>();
		while (!isSign("}")) {
			if (!keys.isEmpty()) {
				expectSign(",");
			}
			if (isSign("}")) {
				break;
			}
			keys.add(expression());
			expectSign(":");
			values.add(expression());
		}
		expectSign("}");
		return new Syntax.Pairs(line, keys, values);
	}

	private Expression postfix(Expression start) {
		Expression value = start;
		while (true) {
			int line = now().line();
			if (takeSign(".")) {
				Token name = next();
				if (name.kind() == Kind.NAME) {
					value = new Syntax.Attribute(line, value, name.text());
				} else if (name.kind() == Kind.NUMBER && !(name.value() instanceof Double)) {
					value = new Syntax.Item(line, value, new Syntax.Constant(line, name.value()));
				} else {
					throw error("expected name or number", name.line());
				}
			} else if (takeSign("[")) {
				value = new Syntax.Item(line, value, subscript(line));
			} else if (isSign("(")) {
				value = new Syntax.Call(line, value, given());
			} else {
				return value;
			}
		}
	}

	private Expression subscript(int line) {
		List<Expression> keys = new ArrayList<>();
		while (!isSign("]")) {
			if (!keys.isEmpty()) {
				expectSign(",");
			}
			keys.add(key());
		}
		expectSign("]");
		if (keys.size() != 1 && keys.stream().anyMatch(Syntax.Slice.class::isInstance)) {
			throw error("several slices in one subscript are not supported", line);
		}
		return keys.size() == 1 ? keys.get(0) : new Syntax.Sequence(line, keys, true);
	}

	private Expression key() {
		int line = now().line();
		Expression start = isSign(":") ? null : expression();
		if (!takeSign(":")) {
			return start;
		}
		Expression stop = isSign(":") || isSign("]") || isSign(",") ? null : expression();
		Expression step = !takeSign(":") || isSign("]") || isSign(",") ? null : expression();
		return new Syntax.Slice(line, start, stop, step);
	}

	private Expression filtersAndTests(Expression start) {
		Expression value = start;
		while (true) {
			if (isSign("|")) {
				value = filters(value, false);
			} else if (isName("is")) {
				value = test(value);
			} else if (isSign("(")) {
				int line = now().line();
				value = new Syntax.Call(line, value, given());
			} else {
				return value;
			}
		}
	}

	/** @param inline whether the first filter comes without {@code |} */
	private Expression filters(Expression start, boolean inline) {
		Expression value = start;
		boolean first = inline;
		while (first || isSign("|")) {
			if (!first) {
				next();
			}
			first = false;
			int line = now().line();
			String name = dottedName();
			value = new Syntax.Filtered(line, value, name, isSign("(") ? given() : Given.NOTHING);
		}
		return value;
	}

	private String dottedName() {
		StringBuilder name = new StringBuilder(expect(Kind.NAME).text());
		while (takeSign(".")) {
			name.append('.').append(expect(Kind.NAME).text());
		}
		return name.toString();
	}

	private Expression test(Expression value) {
		int line = next().line();
		boolean negated = takeName("not");
		String name = dottedName();
		Given given = Given.NOTHING;
		if (isSign("(")) {
			given = given();
		} else if (is(Kind.NAME) && !isName("else") && !isName("or") && !isName("and") || is(Kind.STRING)
				|| is(Kind.NUMBER) || isSign("[") || isSign("{")) {
			if (isName("is")) {
				throw error("You cannot chain multiple tests with is");
			}
			given = new Given(List.of(postfix(primary())), List.of(), List.of(), null, null);
		}
		Expression tested = new Syntax.Tested(line, value, name, given);
		return negated ? new Syntax.Unary(line, "not", tested) : tested;
	}

	private Given given() {
		int line = now().line();
		expectSign("(");
		List<Expression> positional = new ArrayList<>();
		List<String> names = new ArrayList<>();
		List<Expression> named = new ArrayList<>();
		Expression rest = null;
		Expression restNamed = null;
		boolean comma = false;
		while (!isSign(")")) {
			if (comma) {
				expectSign(",");
				if (isSign(")")) {
					break;
				}
			}
			comma = true;
			boolean keyword = is(Kind.NAME) && tokens.get(at + 1).is(Kind.OPERATOR, "=");
			boolean legal = restNamed == null && (isSign("**") || keyword
					|| rest == null && (isSign("*") || names.isEmpty()));
			if (!legal) {
				throw error("invalid syntax for function call expression", line);
			}
			if (takeSign("*")) {
				rest = expression();
			} else if (takeSign("**")) {
				restNamed = expression();
			} else if (keyword) {
				String name = next().text();
				if (names.contains(name)) {
					throw error("keyword argument repeated: " + name, line);
				}
				names.add(name);
				next();
				named.add(expression());
			} else {
				positional.add(expression());
			}
		}
		expectSign(")");
		return new Given(positional, names, named, rest, restNamed);
	}
}
