package meshwork.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Python's format specification, {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}, and what it makes of
 * a value.
 *
 * @param align one of {@code < > = ^}, 0 for the type's own
 * @param sign one of {@code + -} and space
 * @param width 0 if none
 * @param grouping {@code ,} or {@code _}, 0 if none
 * @param precision -1 if none
 * @param type 0 if none
 */
record FormatSpec(int fill, char align, char sign, boolean alternate, boolean zero, int width, char grouping,
		int precision, char type) {

	static FormatSpec parse(String spec) {
		int at = 0;
		int fill = ' ';
		char align = 0;
		boolean filled = false;
		int first = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
		if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
			fill = spec.codePointAt(0);
			align = spec.charAt(first);
			filled = true;
			at = first + 1;
		} else if (!spec.isEmpty() && "<>=^".indexOf(spec.charAt(0)) >= 0) {
			align = spec.charAt(at++);
		}
		char sign = '-';
		if (at < spec.length() && "+- ".indexOf(spec.charAt(at)) >= 0) {
			sign = spec.charAt(at++);
		}
		boolean alternate = at < spec.length() && spec.charAt(at) == '#';
		at += alternate ? 1 : 0;
		boolean zero = at < spec.length() && spec.charAt(at) == '0';
		at += zero ? 1 : 0;
		if (zero && !filled) {
			fill = '0';
			align = align == 0 ? '=' : align;
		}
		int end = digits(spec, at);
		int width = end > at ? number(spec.substring(at, end)) : 0;
		at = end;
		char grouping = 0;
		if (at < spec.length() && (spec.charAt(at) == ',' || spec.charAt(at) == '_')) {
			grouping = spec.charAt(at++);
		}
		int precision = -1;
		if (at < spec.length() && spec.charAt(at) == '.') {
			end = digits(spec, at + 1);
			if (end == at + 1) {
				throw new Failure("Format specifier missing precision");
			}
			precision = number(spec.substring(at + 1, end));
			at = end;
		}
		if (spec.length() - at > 1) {
			throw new Failure("Invalid format specifier");
		}
		char type = at < spec.length() ? spec.charAt(at) : 0;
		return new FormatSpec(fill, align, sign, alternate, zero, width, grouping, precision, type);
	}

	private static int digits(String spec, int from) {
		int at = from;
		while (at < spec.length() && spec.charAt(at) >= '0' && spec.charAt(at) <= '9') {
			at++;
		}
		return at;
	}

	static int number(String digits) {
		if (digits.length() > 9) {
			throw new Failure("Too many decimal digits in format string");
		}
		return Integer.parseInt(digits);
	}

	/** {@code format(value, spec)}. */
	static String format(Run run, Object value, String spec) {
		if (spec.isEmpty()) {
			return Values.str(value);
		}
		if (!Values.isText(value) && !Values.isNumber(value)) {
			if (value instanceof Undefined) {
				throw new Failure("unsupported format string passed to Undefined.__format__");
			}
			throw new Failure("unsupported format string passed to " + Values.typeName(value) + ".__format__");
		}
		FormatSpec parsed = parse(spec);
		run.characters(parsed.width + (long) Math.max(0, parsed.precision));
		return Values.isText(value) ? parsed.text(run, Values.text(value)) : parsed.number(run, value);
	}

	private String text(Run run, String text) {
		if (type != 0 && type != 's') {
			throw unknownType("str");
		}
		if (sign != '-' || alternate || grouping != 0 || align == '=' && !zero) {
			throw new Failure("this format specifier is not allowed for strings");
		}
		String shown = precision >= 0 && precision < Text.length(text) ? Text.slice(text, 0, precision, 1) : text;
		return pad(run, shown, align == '=' ? '<' : align == 0 ? '<' : align);
	}

	String pad(Run run, String text, char side) {
		String filler = Character.toString(fill);
		return switch (side) {
			case '<' -> Text.pad(run, text, width, filler, -1);
			case '^' -> {
				int missing = Math.max(0, width - Text.length(text));
				yield Text.pad(run, filler.repeat(missing / 2) + text, width, filler, -1);
			}
			default -> Text.pad(run, text, width, filler, 1);
		};
	}

	private Failure unknownType(String name) {
		return new Failure("Unknown format code '" + type + "' for object of type '" + name + "'");
	}

	/** Any number, in any of the types for numbers. */
	String number(Run run, Object value) {
		boolean whole = !(value instanceof Double) && (type == 0 || "bcdnoxX".indexOf(type) >= 0);
		if (!whole) {
			if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
				throw unknownType(value instanceof Double ? "float" : "int");
			}
			return real(run, Numbers.asDouble(value));
		}
		if (precision >= 0) {
			throw new Failure("Precision not allowed in integer format specifier");
		}
		BigInteger number = Numbers.asBig(value);
		if (type == 'c') {
			return pad(run, character(number), align == 0 ? '<' : align);
		}
		int radix = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
		String digits = number.abs().toString(radix);
		String prefix = !alternate || radix == 10 ? "" : radix == 2 ? "0b" : radix == 8 ? "0o" : "0x";
		String shown = type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
		return assemble(run, number.signum() < 0, type == 'X' ? prefix.toUpperCase(Locale.ROOT) : prefix, shown, "",
				radix == 10 ? 3 : 4);
	}

	static String character(BigInteger number) {
		if (number.signum() < 0 || number.bitLength() > 21 || !Character.isValidCodePoint(number.intValue())) {
			throw new Failure("%c arg not in range(0x110000)");
		}
		return Character.toString(number.intValue());
	}

	private String real(Run run, double value) {
		boolean negative = value < 0 || value == 0 && 1 / value < 0;
		boolean percent = type == '%';
		String body = real(percent ? Math.abs(value) * 100 : Math.abs(value)) + (percent ? "%" : "");
		int end = 0;
		while (end < body.length() && Character.isDigit(body.charAt(end))) {
			end++;
		}
		return assemble(run, negative && !Double.isNaN(value), "", body.substring(0, end), body.substring(end), 3);
	}

	/** Digits of a number that is not negative. */
	private String real(double value) {
		if (Double.isNaN(value) || Double.isInfinite(value)) {
			String name = Double.isNaN(value) ? "nan" : "inf";
			return Character.isUpperCase(type) ? name.toUpperCase(Locale.ROOT) : name;
		}
		return switch (type) {
			case 'f', 'F', '%' -> fixed(new BigDecimal(value), precision < 0 ? 6 : precision);
			case 'e' -> scientific(value, precision < 0 ? 6 : precision);
			case 'E' -> scientific(value, precision < 0 ? 6 : precision).toUpperCase(Locale.ROOT);
			case 'G' -> general(value, precision < 0 ? 6 : precision, false).toUpperCase(Locale.ROOT);
			case 0 -> precision < 0 ? Numbers.repr(value) : general(value, precision, true);
			default -> general(value, precision < 0 ? 6 : precision, false);
		};
	}

	private String fixed(BigDecimal value, int digits) {
		String text = value.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
		return alternate && digits == 0 ? text + "." : text;
	}

	private String scientific(double value, int digits) {
		if (value == 0) {
			return fixed(BigDecimal.ZERO, digits) + "e+00";
		}
		BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
		String unscaled = rounded.unscaledValue().toString();
		int exponent = unscaled.length() - 1 - rounded.scale();
		String padded = unscaled + "0".repeat(Math.max(0, digits + 1 - unscaled.length()));
		return padded.charAt(0) + (digits > 0 || alternate ? "." : "") + padded.substring(1, digits + 1) + exponent(exponent);
	}

	private static String exponent(int exponent) {
		return (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
	}

	/** @param pointed whether a whole number keeps {@code .0}, as a float without a type does */
	private String general(double value, int digits, boolean pointed) {
		int significant = Math.max(1, digits);
		String text = scientific(value, significant - 1);
		int exponent = Integer.parseInt(text.substring(text.indexOf('e') + 1));
		if (exponent < -4 || exponent >= significant - (pointed ? 1 : 0)) {
			String mantissa = text.substring(0, text.indexOf('e'));
			return (alternate ? mantissa : trim(mantissa)) + exponent(exponent);
		}
		String plain = fixed(new BigDecimal(value), Math.max(0, significant - 1 - exponent));
		String shown = alternate ? plain : trim(plain);
		return pointed && shown.indexOf('.') < 0 ? shown + ".0" : shown;
	}

	private static String trim(String digits) {
		if (digits.indexOf('.') < 0) {
			return digits;
		}
		int end = digits.length();
		while (digits.charAt(end - 1) == '0') {
			end--;
		}
		return digits.substring(0, digits.charAt(end - 1) == '.' ? end - 1 : end);
	}

	private String assemble(Run run, boolean negative, String prefix, String digits, String rest, int group) {
		String signed = (negative ? "-" : sign == '-' ? "" : Character.toString(sign)) + prefix;
		String whole = digits;
		if (grouping != 0) {
			if (fill == '0' && align == '=') {
				int room = width - signed.length() - rest.length();
				while (whole.length() + (whole.length() - 1) / group < room) {
					whole = "0" + whole;
				}
			}
			whole = grouped(whole, group);
		}
		String body = whole + rest;
		if (align == '=') {
			return signed + Text.pad(run, body, width - signed.length(), Character.toString(fill), 1);
		}
		return pad(run, signed + body, align == 0 ? '>' : align);
	}

	private String grouped(String digits, int group) {
		StringBuilder out = new StringBuilder(digits);
		for (int at = digits.length() - group; at > 0; at -= group) {
			out.insert(at, grouping);
		}
		return out.toString();
	}
}
