package meshwork.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** {@code + - * / // % **} on any two values, as Python defines them. */
enum Operators {
	ADD("+"), SUBTRACT("-"), MULTIPLY("*"), DIVIDE("/"), FLOOR_DIVIDE("//"), MODULO("%"), POWER("**");

	private final String sign;

	Operators(String sign) {
		this.sign = sign;
	}

	Object apply(Run run, Object a, Object b) {
		if (Values.isNumber(a) && Values.isNumber(b)) {
			return switch (this) {
				case ADD -> Numbers.add(a, b);
				case SUBTRACT -> Numbers.subtract(a, b);
				case MULTIPLY -> Numbers.multiply(a, b);
				case DIVIDE -> Numbers.divide(a, b);
				case FLOOR_DIVIDE -> Numbers.floorDivide(a, b);
				case MODULO -> Numbers.modulo(a, b);
				case POWER -> Numbers.power(a, b);
			};
		}
		if (this == MODULO && Values.isText(a)) {
			String text = run.text(Printf.format(run, Values.text(a), b, a instanceof Markup));
			return a instanceof Markup ? new Markup(text) : text;
		}
		if (this == ADD) {
			Object joined = join(run, a, b);
			if (joined != Undefined.MISSING) {
				return joined;
			}
		}
		if (this == MULTIPLY && (Values.isInteger(a) || Values.isInteger(b))) {
			Object repeated = Values.isInteger(b) ? repeat(run, a, b) : repeat(run, b, a);
			if (repeated != Undefined.MISSING) {
				return repeated;
			}
		}
		Values.defined(a);
		Values.defined(b);
		if (this == ADD && Values.isText(a)) {
			throw new Failure("can only concatenate str (not \"" + Values.typeName(b) + "\") to str");
		}
		throw new Failure("unsupported operand type(s) for " + sign + ": '" + Values.typeName(a) + "' and '"
				+ Values.typeName(b) + "'");
	}

	private static Object join(Run run, Object a, Object b) {
		if (a instanceof String left && b instanceof String right) {
			run.characters((long) left.length() + right.length());
			return left.concat(right);
		}
		if (Values.isText(a) && Values.isText(b)) {
			return new Markup(run.text(Markup.escape(a).text() + Markup.escape(b).text()));
		}
		if (a instanceof List<?> left && b instanceof List<?> right && a instanceof Tuple == b instanceof Tuple
				&& !(a instanceof Range) && !(b instanceof Range)) {
			run.items((long) left.size() + right.size());
			List<Object> both = new ArrayList<>(left.size() + right.size());
			both.addAll(left);
			both.addAll(right);
			return a instanceof Tuple ? new Tuple(both) : both;
		}
		return Undefined.MISSING;
	}

	private static Object repeat(Run run, Object value, Object times) {
		boolean list = value instanceof List<?> && !(value instanceof Range);
		if (!list && !Values.isText(value)) {
			return Undefined.MISSING;
		}
		if (times instanceof BigInteger) {
			throw new Failure("cannot fit 'int' into an index-sized integer");
		}
		long size = list ? ((List<?>) value).size() : Values.text(value).length();
		long count = size == 0 ? 0 : Math.max(0, Numbers.asLong(times));
		long total = count > Integer.MAX_VALUE ? Long.MAX_VALUE : size * count;
		if (!list) {
			run.characters(total);
			String text = Values.text(value).repeat((int) count);
			return value instanceof Markup ? new Markup(text) : text;
		}
		run.items(total);
		List<Object> items = new ArrayList<>((int) total);
		for (long i = 0; i < count; i++) {
			items.addAll((List<?>) value);
		}
		return value instanceof Tuple ? new Tuple(items) : items;
	}

	static Object negate(Object value) {
		if (!Values.isNumber(value)) {
			Values.defined(value);
			throw new Failure("bad operand type for unary -: '" + Values.typeName(value) + "'");
		}
		return Numbers.negate(value);
	}

	static Object plus(Object value) {
		if (!Values.isNumber(value)) {
			Values.defined(value);
			throw new Failure("bad operand type for unary +: '" + Values.typeName(value) + "'");
		}
		return value instanceof Boolean ? (Object) Numbers.asLong(value) : value;
	}
}
