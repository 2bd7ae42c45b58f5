package meshwork.jinja;

import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code text % values}. */
final class Printf {

	private final Run run;
	private final String format;
	private final boolean escaping;
	private final Object whole;
	private final List<?> values;
	private int used;
	private int at;

	private Printf(Run run, String format, Object values, boolean escaping) {
		this.run = run;
		this.format = format;
		this.escaping = escaping;
		this.whole = values;
		this.values = values instanceof Tuple tuple ? tuple : Collections.singletonList(values);
	}

	/** @param escaping whether values are escaped for HTML, as markup does with them */
	static String format(Run run, String format, Object values, boolean escaping) {
		return new Printf(run, format, values, escaping).format();
	}

	private String format() {
		StringBuilder out = new StringBuilder(format.length() + 32);
		boolean named = false;
		while (at < format.length()) {
			char c = format.charAt(at++);
			if (c != '%') {
				out.append(c);
				continue;
			}
			if (at < format.length() && format.charAt(at) == '%') {
				out.append('%');
				at++;
				continue;
			}
			named |= at < format.length() && format.charAt(at) == '(';
			run.fits(out.length());
			out.append(run.text(conversion()));
		}
		boolean mapping = whole instanceof Map<?, ?> || whole instanceof Undefined
				|| whole instanceof List<?> && !(whole instanceof Tuple);
		if (!named && !mapping && used < values.size()) {
			throw new Failure("not all arguments converted during string formatting");
		}
		return out.toString();
	}

	private String conversion() {
		Object value = Undefined.MISSING;
		if (peek() == '(') {
			int depth = 1;
			int start = ++at;
			while (depth > 0) {
				if (at >= format.length()) {
					throw new Failure("incomplete format key");
				}
				char c = format.charAt(at++);
				depth += c == '(' ? 1 : c == ')' ? -1 : 0;
			}
			if (!(whole instanceof Map<?, ?> map)) {
				throw new Failure("format requires a mapping");
			}
			String key = format.substring(start, at - 1);
			value = Values.find(map, key);
			if (value == Undefined.MISSING) {
				throw new Failure("format names '" + key + "', which is not given");
			}
		}
		boolean left = false;
		boolean zero = false;
		boolean alternate = false;
		char sign = '-';
		for (; "-0+ #".indexOf(peek()) >= 0; at++) {
			switch (peek()) {
				case '-' -> left = true;
				case '0' -> zero = true;
				case '#' -> alternate = true;
				case '+' -> sign = '+';
				default -> sign = sign == '+' ? '+' : ' ';
			}
		}
		int width = count();
		if (width < 0) {
			left = true;
			width = -width;
		}
		int precision = -1;
		if (peek() == '.') {
			at++;
			precision = Math.max(0, count());
		}
		while ("hlL".indexOf(peek()) >= 0) {
			at++;
		}
		char type = peek();
		at++;
		if (value == Undefined.MISSING) {
			value = next();
		}
		run.characters(width + (long) Math.max(0, precision));
		return convert(value, type, left, zero, alternate, sign, width, precision);
	}

	private char peek() {
		if (at >= format.length()) {
			throw new Failure("incomplete format");
		}
		return format.charAt(at);
	}

	private int count() {
		if (peek() == '*') {
			at++;
			return Math.clamp(Numbers.index(next(), "%*"), -1_000_000_000, 1_000_000_000);
		}
		int start = at;
		while (Character.isDigit(peek())) {
			at++;
		}
		return start == at ? 0 : FormatSpec.number(format.substring(start, at));
	}

	private Object next() {
		if (used >= values.size()) {
			throw new Failure("not enough arguments for format string");
		}
		return values.get(used++);
	}

	private String convert(Object value, char type, boolean left, boolean zero, boolean alternate, char sign, int width,
			int precision) {
		String text;
		switch (type) {
			case 's', 'r', 'a' -> {
				text = type == 's' ? Values.str(value) : Values.repr(value);
				text = type == 'a' ? Text.ascii(text) : text;
				if (escaping) {
					text = type == 's' ? Markup.escape(value).text() : Markup.escape(text).text();
				}
				if (precision >= 0 && precision < Text.length(text)) {
					text = Text.slice(text, 0, precision, 1);
				}
			}
			case 'c' -> text = Values.isText(value) && Text.length(Values.text(value)) == 1 ? Values.text(value)
					: FormatSpec.character(integer(value, type));
			case 'd', 'i', 'u', 'x', 'X', 'o' -> {
				BigInteger number = integer(value, type);
				int radix = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : 10;
				String digits = number.abs().toString(radix);
				digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
				String prefix = (number.signum() < 0 ? "-" : sign == '-' ? "" : Character.toString(sign))
						+ (!alternate || radix == 10 ? "" : radix == 8 ? "0o" : "0x");
				if (zero && !left) {
					digits = "0".repeat(Math.max(0, width - prefix.length() - digits.length())) + digits;
				}
				text = type == 'X' ? (prefix + digits).toUpperCase(Locale.ROOT) : prefix + digits;
			}
			case 'e', 'E', 'f', 'F', 'g', 'G' -> {
				if (!Values.isNumber(value)) {
					Values.defined(value);
					throw new Failure("must be real number, not " + Values.typeName(value));
				}
				boolean padded = zero && !left;
				text = new FormatSpec(padded ? '0' : ' ', padded ? '=' : '>', sign, alternate, padded, padded ? width : 0,
						(char) 0, precision < 0 ? 6 : precision, type).number(run, Numbers.asDouble(value));
			}
			default -> throw new Failure("unsupported format character '" + type + "' at index " + (at - 1));
		}
		return Text.pad(run, text, width, " ", left ? -1 : 1);
	}

	private static BigInteger integer(Object value, char type) {
		if (value instanceof Double && "diu".indexOf(type) >= 0) {
			return Numbers.asBig(Numbers.truncate(value));
		}
		if (!Values.isInteger(value)) {
			Values.defined(value);
			throw new Failure("%" + type + " format: " + ("diu".indexOf(type) >= 0 ? "a real number" : "an integer")
					+ " is required, not " + Values.typeName(value));
		}
		return Numbers.asBig(value);
	}
}
