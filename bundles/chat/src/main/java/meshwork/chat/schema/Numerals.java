package meshwork.chat.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Grammars of numbers within bounds, digit by digit. */
final class Numerals {

	/** Without bounds there are as many digits as a double surely keeps. */
	static final String INTEGER = "\"0\" | \"-\"? [1-9] [0-9]{0,14}";
	static final String NUMBER = "\"-\"? (\"0\" | [1-9] [0-9]{0,14}) (\".\" [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?";

	private static final int DIGITS = 15;
	private static final int PLACES = 6;
	/** How close a number may come to a bound that excludes itself, in decimal places, and up to where a double tells that apart. */
	private static final int CLOSE = 3;
	private static final BigDecimal TELLABLE = BigDecimal.valueOf(1_000_000_000);

	private Numerals() {
	}

	/**
	 * A bound.
	 *
	 * @param open whether it excludes itself
	 */
	record Bound(BigDecimal value, boolean open) {

		/** The whole number of units of {@code 10^-places} that is the first within. */
		private BigInteger least(int places) {
			BigInteger first = value.movePointRight(places).setScale(0, RoundingMode.CEILING).toBigInteger();
			return open && unscaled(first, places).compareTo(value) == 0 ? first.add(BigInteger.ONE) : first;
		}

		private BigInteger most(int places) {
			BigInteger last = value.movePointRight(places).setScale(0, RoundingMode.FLOOR).toBigInteger();
			return open && unscaled(last, places).compareTo(value) == 0 ? last.subtract(BigInteger.ONE) : last;
		}

		private static BigDecimal unscaled(BigInteger units, int places) {
			return new BigDecimal(units, places);
		}

		private int places() {
			int own = Math.max(0, value.stripTrailingZeros().scale());
			return open && value.abs().compareTo(TELLABLE) < 0 ? own + CLOSE : own;
		}

		/** Stands in for a bound that there isn't, beyond the one there is. */
		static Bound beyond(Bound other, int sign) {
			int digits = Math.max(DIGITS, other.value.precision() - other.value.scale() + 1);
			BigDecimal far = BigDecimal.TEN.pow(digits).subtract(BigDecimal.ONE);
			return new Bound(sign < 0 ? far.negate() : far, false);
		}
	}

	/** @return empty alternatives when there is no such number */
	static List<String> integers(Bound least, Bound most) {
		return signed(least.least(0), most.most(0), 0, false);
	}

	static List<String> numbers(Bound least, Bound most) {
		int places = Math.max(least.places(), most.places());
		return signed(least.least(places), most.most(places), places, true);
	}

	private static List<String> signed(BigInteger least, BigInteger most, int places, boolean fraction) {
		var all = new ArrayList<String>();
		if (least.compareTo(most) > 0)
			return all;
		if (least.signum() < 0) {
			BigInteger near = most.signum() < 0 ? most.negate() : fraction ? BigInteger.ZERO : BigInteger.ONE;
			for (String each : fraction ? decimals(near, least.negate(), places) : wholes(near, least.negate()))
				all.add("\"-\" " + each);
		}
		if (most.signum() >= 0)
			all.addAll(fraction ? decimals(least.max(BigInteger.ZERO), most, places) : wholes(least.max(BigInteger.ZERO), most));
		return all;
	}

	/** Decimals from so many units to so many, neither negative. */
	private static List<String> decimals(BigInteger least, BigInteger most, int places) {
		BigInteger unit = BigInteger.TEN.pow(places);
		BigInteger first = least.divide(unit);
		BigInteger last = most.divide(unit);
		String start = fraction(least.mod(unit), places);
		Optional<String> end = Optional.of(fraction(most.mod(unit), places));
		if (first.equals(last))
			return List.of(with(List.of(Literals.of(first.toString())), start, end));
		var all = new ArrayList<String>();
		if (!start.isEmpty()) {
			all.add(with(List.of(Literals.of(first.toString())), start, Optional.empty()));
			first = first.add(BigInteger.ONE);
		}
		if (first.compareTo(last) < 0)
			all.add(with(wholes(first, last.subtract(BigInteger.ONE)), "", Optional.empty()));
		all.add(with(List.of(Literals.of(last.toString())), "", end));
		return all;
	}

	/** So many units as the digits behind the point, without zeros at the end. */
	private static String fraction(BigInteger units, int places) {
		return places == 0 ? "" : padded(units, places).replaceAll("0+$", "");
	}

	/** One of the whole parts with a fraction from one to the other; without an end any that is not below the start. */
	private static String with(List<String> wholes, String start, Optional<String> end) {
		String fraction = "\".\" (" + String.join(" | ", fractions(start, end)) + ")";
		return "(" + String.join(" | ", wholes) + ") " + (start.isEmpty() ? "(" + fraction + ")?" : fraction);
	}

	/** The digits of a fraction, one at least. */
	private static List<String> fractions(String start, Optional<String> end) {
		if (end.equals(Optional.of("")))
			return List.of("[0]{1," + PLACES + "}");
		char least = start.isEmpty() ? '0' : start.charAt(0);
		char most = end.map(digits -> digits.charAt(0)).orElse('9');
		var all = new ArrayList<String>();
		boolean first = !start.isEmpty();
		boolean last = end.isPresent();
		Optional<String> rest = end.map(digits -> digits.substring(1));
		if (first && last && least == most)
			return List.of(then(least, start.substring(1), rest));
		if (first)
			all.add(then(least++, start.substring(1), Optional.empty()));
		if (last)
			all.add(then(most--, "", rest));
		if (least <= most)
			all.add("[" + least + "-" + most + "] [0-9]{0," + PLACES + "}");
		return all;
	}

	private static String then(char digit, String start, Optional<String> end) {
		return "\"" + digit + "\" (" + String.join(" | ", fractions(start, end)) + ")" + (start.isEmpty() ? "?" : "");
	}

	/** Whole numbers from one to the other, neither negative, without zeros in front. */
	private static List<String> wholes(BigInteger least, BigInteger most) {
		var all = new ArrayList<String>();
		int longest = most.toString().length();
		for (int length = least.toString().length(); length <= longest; length++) {
			BigInteger from = length == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(length - 1);
			BigInteger to = BigInteger.TEN.pow(length).subtract(BigInteger.ONE);
			BigInteger first = least.max(from);
			BigInteger last = most.min(to);
			if (first.compareTo(last) <= 0)
				all.addAll(digits(first, last, length));
		}
		return all;
	}

	/** Texts of so many digits, from one to the other. */
	private static List<String> digits(BigInteger least, BigInteger most, int length) {
		return digits(padded(least, length), padded(most, length));
	}

	private static List<String> digits(String least, String most) {
		int same = 0;
		while (same < least.length() && least.charAt(same) == most.charAt(same))
			same++;
		if (same == least.length())
			return List.of(Literals.of(least));
		String prefix = same == 0 ? "" : Literals.of(least.substring(0, same)) + " ";
		int rest = least.length() - same - 1;
		char first = least.charAt(same);
		char last = most.charAt(same);
		var all = new ArrayList<String>();
		if (rest > 0 && !least.substring(same + 1).equals("0".repeat(rest))) {
			for (String each : digits(least.substring(same + 1), "9".repeat(rest)))
				all.add(prefix + Literals.of(String.valueOf(first)) + " " + each);
			first++;
		}
		boolean cut = rest > 0 && !most.substring(same + 1).equals("9".repeat(rest));
		if (cut)
			last--;
		if (first <= last)
			all.add(prefix + (first == last ? Literals.of(String.valueOf(first)) : "[" + first + "-" + last + "]")
					+ (rest == 0 ? "" : " [0-9]{" + rest + "}"));
		if (cut)
			for (String each : digits("0".repeat(rest), most.substring(same + 1)))
				all.add(prefix + Literals.of(String.valueOf(most.charAt(same))) + " " + each);
		return all;
	}

	private static String padded(BigInteger units, int length) {
		String digits = units.toString();
		return "0".repeat(Math.max(0, length - digits.length())) + digits;
	}
}
