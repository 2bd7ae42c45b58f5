package meshwork.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Arithmetic as Python does it: integers without end, division that floors, floats that print their shortest form. */
final class Numbers {

	private static final int LONGEST_INTEGER = 1 << 16;

	private Numbers() {
	}

	static long asLong(Object value) {
		return switch (value) {
			case Boolean truth -> truth ? 1 : 0;
			case Long number -> number;
			case null, default -> throw new Failure("an integer of reasonable size was expected, not "
					+ Values.repr(value));
		};
	}

	static BigInteger asBig(Object value) {
		return value instanceof BigInteger big ? big : BigInteger.valueOf(asLong(value));
	}

	static double asDouble(Object value) {
		return switch (value) {
			case Double number -> number;
			case BigInteger big -> big.doubleValue();
			default -> asLong(value);
		};
	}

	/** The argument of a function that takes an integer. */
	static long index(Object value, String function) {
		if (Values.isInteger(value) && !(value instanceof BigInteger)) {
			return asLong(value);
		}
		Values.defined(value);
		throw new Failure(function + "() takes an integer, not " + Values.typeName(value));
	}

	static int compare(Object a, Object b) {
		if (a instanceof Long x && b instanceof Long y) {
			return Long.compare(x, y);
		}
		if (a instanceof Double || b instanceof Double) {
			double x = asDouble(a);
			double y = asDouble(b);
			if (x != y || Double.isInfinite(x) || Double.isNaN(x) || Double.isNaN(y)) {
				return x == y ? 0 : Double.compare(x, y);
			}
			return exact(a).compareTo(exact(b));
		}
		return asBig(a).compareTo(asBig(b));
	}

	private static BigDecimal exact(Object value) {
		return value instanceof Double number ? new BigDecimal(number) : new BigDecimal(asBig(value));
	}

	/** {@code int(value)} of a number. */
	static Object truncate(Object value) {
		if (value instanceof Double number) {
			if (number.isNaN() || number.isInfinite()) {
				throw new Failure("cannot convert float " + (number.isNaN() ? "NaN" : "infinity") + " to integer");
			}
			return Math.abs(number) < 1e18 ? (Object) number.longValue()
					: Values.integer(new BigDecimal(number).toBigInteger());
		}
		return value instanceof BigInteger ? value : (Object) asLong(value);
	}

	// -- operators on two numbers

	static Object add(Object a, Object b) {
		if (a instanceof Double || b instanceof Double) {
			return asDouble(a) + asDouble(b);
		}
		if (a instanceof Long x && b instanceof Long y) {
			long sum = x + y;
			if (((x ^ sum) & (y ^ sum)) >= 0) {
				return sum;
			}
		}
		return Values.integer(asBig(a).add(asBig(b)));
	}

	static Object subtract(Object a, Object b) {
		if (a instanceof Double || b instanceof Double) {
			return asDouble(a) - asDouble(b);
		}
		if (a instanceof Long x && b instanceof Long y) {
			long difference = x - y;
			if (((x ^ y) & (x ^ difference)) >= 0) {
				return difference;
			}
		}
		return Values.integer(asBig(a).subtract(asBig(b)));
	}

	static Object multiply(Object a, Object b) {
		if (a instanceof Double || b instanceof Double) {
			return asDouble(a) * asDouble(b);
		}
		BigInteger x = asBig(a);
		BigInteger y = asBig(b);
		bits(x.bitLength() + (long) y.bitLength());
		return Values.integer(x.multiply(y));
	}

	static Object divide(Object a, Object b) {
		if (isZero(b)) {
			throw new Failure(a instanceof Double || b instanceof Double ? "float division by zero"
					: "division by zero");
		}
		if (a instanceof BigInteger || b instanceof BigInteger) {
			return a instanceof Double || b instanceof Double ? asDouble(a) / asDouble(b)
					: new BigDecimal(asBig(a)).divide(new BigDecimal(asBig(b)), MathContext.DECIMAL128)
							.doubleValue();
		}
		return asDouble(a) / asDouble(b);
	}

	static Object floorDivide(Object a, Object b) {
		if (a instanceof Double || b instanceof Double) {
			return floorAndRemainder(asDouble(a), asDouble(b), "float floor division by zero")[0];
		}
		notZero(b, "integer division or modulo by zero");
		if (a instanceof BigInteger || b instanceof BigInteger) {
			BigInteger[] parts = asBig(a).divideAndRemainder(asBig(b));
			return Values.integer(parts[1].signum() != 0 && parts[1].signum() != asBig(b).signum()
					? parts[0].subtract(BigInteger.ONE) : parts[0]);
		}
		return asLong(b) == -1 ? subtract(0L, a) : (Object) Math.floorDiv(asLong(a), asLong(b));
	}

	static Object modulo(Object a, Object b) {
		if (a instanceof Double || b instanceof Double) {
			return floorAndRemainder(asDouble(a), asDouble(b), "float modulo")[1];
		}
		notZero(b, "integer modulo by zero");
		if (a instanceof BigInteger || b instanceof BigInteger) {
			BigInteger rest = asBig(a).remainder(asBig(b));
			return Values.integer(rest.signum() != 0 && rest.signum() != asBig(b).signum() ? rest.add(asBig(b)) : rest);
		}
		return Math.floorMod(asLong(a), asLong(b));
	}

	/** Floored quotient and the remainder with the divisor's sign, as CPython computes them. */
	private static double[] floorAndRemainder(double a, double b, String zero) {
		if (b == 0) {
			throw new Failure(zero);
		}
		double rest = a % b;
		double quotient = (a - rest) / b;
		if (rest != 0) {
			if (b < 0 != rest < 0) {
				rest += b;
				quotient -= 1;
			}
		} else {
			rest = Math.copySign(0, b);
		}
		double floor = Math.floor(quotient);
		if (quotient == 0) {
			floor = Math.copySign(0, a / b);
		} else if (quotient - floor > 0.5) {
			floor += 1;
		}
		return new double[] {floor, rest};
	}

	static Object power(Object a, Object b) {
		if (!(a instanceof Double) && !(b instanceof Double)) {
			BigInteger exponent = asBig(b);
			if (exponent.signum() >= 0) {
				BigInteger base = asBig(a);
				if (base.abs().compareTo(BigInteger.ONE) <= 0) {
					return Values.integer(exponent.signum() == 0 ? BigInteger.ONE
							: base.signum() < 0 && !exponent.testBit(0) ? BigInteger.ONE : base);
				}
				bits(exponent.bitLength() > 31 ? Long.MAX_VALUE : base.bitLength() * exponent.longValue());
				return Values.integer(base.pow(exponent.intValue()));
			}
		}
		double base = asDouble(a);
		double exponent = asDouble(b);
		if (base == 0 && exponent < 0) {
			throw new Failure("0.0 cannot be raised to a negative power");
		}
		if (base < 0 && exponent != Math.rint(exponent) && !Double.isInfinite(exponent)) {
			throw new Failure("a negative number to the power of a fraction is a complex number: not supported");
		}
		if (base == 1) {
			return 1.0;
		}
		double result = Math.pow(base, exponent);
		if (Double.isInfinite(result) && !Double.isInfinite(base) && !Double.isInfinite(exponent)) {
			throw new Failure("(34, 'Numerical result out of range')");
		}
		return result;
	}

	static Object negate(Object a) {
		return a instanceof Double number ? (Object) (-number) : Values.integer(asBig(a).negate());
	}

	static Object absolute(Object a) {
		return a instanceof Double number ? (Object) Math.abs(number) : Values.integer(asBig(a).abs());
	}

	private static boolean isZero(Object value) {
		return value instanceof Double number ? number == 0 : asBig(value).signum() == 0;
	}

	private static void notZero(Object value, String message) {
		if (isZero(value)) {
			throw new Failure(message);
		}
	}

	private static void bits(long length) {
		if (length > LONGEST_INTEGER) {
			throw new Failure(TemplateError.Kind.LIMIT, "an integer of more than " + LONGEST_INTEGER + " bits");
		}
	}

	/** {@code round(value, digits)}: to even, by the exact value. */
	static Object round(Object value, long digits) {
		if (!(value instanceof Double number)) {
			return digits >= 0 ? truncate(value) : Values.integer(new BigDecimal(asBig(value))
					.setScale((int) Math.max(digits, -400), RoundingMode.HALF_EVEN).toBigInteger());
		}
		if (number.isNaN() || number.isInfinite() || digits > 350) {
			return number;
		}
		double rounded = new BigDecimal(number).setScale((int) Math.max(digits, -400), RoundingMode.HALF_EVEN)
				.doubleValue();
		return Math.copySign(rounded, number);
	}

	// -- text to number and back

	/** {@code int(text, base)}; {@link Undefined#MISSING} if it is none. */
	static Object parseInteger(String text, int base) {
		String digits = Text.strip(text, null, true, true);
		boolean negative = digits.startsWith("-");
		if (negative || digits.startsWith("+")) {
			digits = digits.substring(1);
		}
		String lower = digits.toLowerCase(Locale.ROOT);
		int radix = base;
		int prefixed = lower.startsWith("0x") ? 16 : lower.startsWith("0o") ? 8 : lower.startsWith("0b") ? 2 : 0;
		if (prefixed != 0 && (base == 0 || base == prefixed)) {
			radix = prefixed;
			digits = digits.substring(2);
			digits = digits.startsWith("_") ? digits.substring(1) : digits;
		} else if (base == 0) {
			radix = 10;
			if (digits.startsWith("0") && !digits.replace("_", "").replace("0", "").isEmpty()) {
				return Undefined.MISSING;
			}
		}
		if (digits.isEmpty() || digits.startsWith("_") || digits.endsWith("_") || digits.contains("__")
				|| digits.length() > LONGEST_INTEGER) {
			return Undefined.MISSING;
		}
		digits = digits.replace("_", "");
		for (int i = 0; i < digits.length(); i++) {
			if (Character.digit(digits.charAt(i), radix) < 0) {
				return Undefined.MISSING;
			}
		}
		BigInteger number = new BigInteger(digits, radix);
		return Values.integer(negative ? number.negate() : number);
	}

	/** {@code float(text)}; {@link Undefined#MISSING} if it is none. */
	static Object parseFloat(String text) {
		String stripped = Text.strip(text, null, true, true);
		String body = stripped.startsWith("-") || stripped.startsWith("+") ? stripped.substring(1) : stripped;
		double sign = stripped.startsWith("-") ? -1 : 1;
		switch (body.toLowerCase(Locale.ROOT)) {
			case "inf", "infinity" -> {
				return sign * Double.POSITIVE_INFINITY;
			}
			case "nan" -> {
				return Double.NaN;
			}
			default -> {
				int digits = 0;
				boolean point = false;
				boolean exponent = false;
				for (int i = 0; i < body.length(); i++) {
					char c = body.charAt(i);
					if (c >= '0' && c <= '9') {
						digits++;
					} else if (c == '_') {
						if (i == 0 || i + 1 == body.length() || !Character.isDigit(body.charAt(i - 1))
								|| !Character.isDigit(body.charAt(i + 1))) {
							return Undefined.MISSING;
						}
					} else if (c == '.' && !point && !exponent) {
						point = true;
					} else if ((c == 'e' || c == 'E') && !exponent && digits > 0) {
						exponent = true;
						digits = 0;
						if (i + 1 < body.length() && (body.charAt(i + 1) == '+' || body.charAt(i + 1) == '-')) {
							i++;
						}
					} else {
						return Undefined.MISSING;
					}
				}
				return digits == 0 ? Undefined.MISSING : (Object) (sign * Double.parseDouble(body.replace("_", "")));
			}
		}
	}

	/** {@code repr} of a float: the shortest digits that read back, with an exponent from 1e16 and under 1e-4. */
	static String repr(double value) {
		if (Double.isNaN(value)) {
			return "nan";
		}
		if (Double.isInfinite(value)) {
			return value > 0 ? "inf" : "-inf";
		}
		if (value == 0) {
			return 1 / value < 0 ? "-0.0" : "0.0";
		}
		BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
		String digits = shortest.unscaledValue().abs().toString();
		int exponent = digits.length() - 1 - shortest.scale();
		String sign = value < 0 ? "-" : "";
		if (exponent < -4 || exponent >= 16) {
			return sign + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "")
					+ (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
		}
		String plain = shortest.abs().toPlainString();
		return sign + plain + (plain.indexOf('.') < 0 ? ".0" : "");
	}
}
