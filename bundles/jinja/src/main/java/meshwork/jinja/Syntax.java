package meshwork.jinja;

import java.util.ArrayList;
import java.util.List;

/** The tree of a template. */
sealed interface Syntax {

	int line();

	/** Children in the order in which names are looked for. */
	default List<Syntax> children() {
		return List.of();
	}

	private static List<Syntax> all(Object... parts) {
		List<Syntax> children = new ArrayList<>();
		for (Object part : parts) {
			if (part instanceof Syntax one) {
				children.add(one);
			} else if (part instanceof List<?> many) {
				many.forEach(child -> children.add((Syntax) child));
			}
		}
		return children;
	}

	// -- expressions

	/** Something with a value. */
	sealed interface Expression extends Syntax {
	}

	record Constant(int line, Object value) implements Expression {
	}

	/** A variable that is read. */
	record Name(int line, String name) implements Expression {
	}

	record Sequence(int line, List<Expression> items, boolean tuple) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(items);
		}
	}

	record Pairs(int line, List<Expression> keys, List<Expression> values) implements Expression {
		@Override
		public List<Syntax> children() {
			List<Syntax> children = new ArrayList<>();
			for (int i = 0; i < keys.size(); i++) {
				children.add(keys.get(i));
				children.add(values.get(i));
			}
			return children;
		}
	}

	record Binary(int line, Operators operator, Expression left, Expression right) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(left, right);
		}
	}

	record Logical(int line, boolean and, Expression left, Expression right) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(left, right);
		}
	}

	/** @param operator one of {@code not + -} */
	record Unary(int line, String operator, Expression operand) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(operand);
		}
	}

	record Concatenation(int line, List<Expression> parts) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(parts);
		}
	}

	/** {@code a < b == c}: as many operators as operands after the first. */
	record Comparison(int line, Expression first, List<String> operators, List<Expression> others)
			implements Expression {
		@Override
		public List<Syntax> children() {
			return all(first, others);
		}
	}

	record Attribute(int line, Expression owner, String name) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(owner);
		}
	}

	record Item(int line, Expression owner, Expression key) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(owner, key);
		}
	}

	/** The inside of {@code [start:stop:step]}; each may be null. */
	record Slice(int line, Expression start, Expression stop, Expression step) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(start, stop, step);
		}
	}

	/**
	 * What a call, filter or test is given.
	 *
	 * @param rest after {@code *}, or null
	 * @param restNamed after {@code **}, or null
	 */
	record Given(List<Expression> positional, List<String> names, List<Expression> named, Expression rest,
			Expression restNamed) {

		static final Given NOTHING = new Given(List.of(), List.of(), List.of(), null, null);

		List<Syntax> children() {
			return all(positional, named, rest, restNamed);
		}
	}

	record Call(int line, Expression function, Given given) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(function, given.children());
		}
	}

	/** @param value null where the text of a block is meant */
	record Filtered(int line, Expression value, String name, Given given) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(value, given.children());
		}
	}

	record Tested(int line, Expression value, String name, Given given) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(value, given.children());
		}
	}

	/** @param otherwise null if there is no else */
	record Conditional(int line, Expression test, Expression then, Expression otherwise) implements Expression {
		@Override
		public List<Syntax> children() {
			return all(test, then, otherwise);
		}
	}

	// -- what can be assigned to

	/** Left side of an assignment. */
	sealed interface Target extends Syntax {
	}

	/** @param parameter whether the variable belongs to the scope it opens, as those of loops and macros do */
	record Variable(int line, String name, boolean parameter) implements Target {
	}

	record Attributed(int line, String namespace, String name) implements Target {
	}

	record Targets(int line, List<Target> items) implements Target {
		@Override
		public List<Syntax> children() {
			return all(items);
		}
	}

	// -- statements

	/** Something that is done. */
	sealed interface Statement extends Syntax {
	}

	/** Text, as {@link Constant}s, and prints. */
	record Output(int line, List<Expression> parts) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(parts);
		}
	}

	record Assignment(int line, Target target, Expression value) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(target, value);
		}
	}

	/** @param filter null if there is none */
	record BlockAssignment(int line, Target target, Expression filter, List<Statement> body) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(target, filter, body);
		}
	}

	record If(int line, Expression test, List<Statement> body, List<If> elifs, List<Statement> otherwise)
			implements Statement {
		@Override
		public List<Syntax> children() {
			return all(test, body, elifs, otherwise);
		}
	}

	/** @param filter null if there is none */
	record For(int line, Target target, Expression items, List<Statement> body, List<Statement> otherwise,
			Expression filter, boolean recursive) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(target, items, body, otherwise, filter);
		}
	}

	record With(int line, List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(targets, values, body);
		}
	}

	/** What a macro and a call block have in common; defaults are those of the last parameters. */
	record Function(List<Variable> parameters, List<Expression> defaults, List<Statement> body) {

		List<Syntax> children() {
			return all(parameters, defaults, body);
		}
	}

	record MacroDefinition(int line, String name, Function function) implements Statement {
		@Override
		public List<Syntax> children() {
			return function.children();
		}
	}

	/** @param call null for {@code generation}, whose body is printed as it is */
	record CallBlock(int line, Call call, Function function) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(call, function.children());
		}
	}

	record FilterBlock(int line, Expression filter, List<Statement> body) implements Statement {
		@Override
		public List<Syntax> children() {
			return all(body, filter);
		}
	}

	/** {@code break} or {@code continue}. */
	record Jump(int line, boolean breaks) implements Statement {
	}
}
