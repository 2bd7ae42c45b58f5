package meshwork.chat.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Translates a regular expression (ECMA-262) into what a JSON string may say. Known are characters, classes, groups, alternatives, quantifiers
 * and the anchors at both ends; what looks around or back is refused. Where kinds of regular expressions differ, what is said matches
 * in all of them.
 */
final class Pattern {

	private static final Chars DIGIT = Chars.of('0', '9');
	private static final Chars WORD = DIGIT.and(Chars.of('a', 'z')).and(Chars.of('A', 'Z')).and(Chars.of("_"));
	private static final Chars LINE_ENDS = Chars.of("\n\r\u0085\u2028\u2029");
	private static final Chars SPACE = Chars.of(" \t\n\f\r");
	/** What any kind takes for a space. */
	private static final Chars WIDE_SPACE = SPACE.and(Chars.of("\u000b\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")).and(Chars.of(0x1c, 0x1f))
			.and(Chars.of(0x2000, 0x200a));
	/** More nested groups than anybody writes. */
	private static final int DEEPEST = 50;

	private final String text;
	private final Rules rules;
	private final Schema schema;
	private int at;
	private int depth;

	private Pattern(String text, Rules rules, Schema schema) {
		this.text = text;
		this.rules = rules;
		this.schema = schema;
	}

	/**
	 * Part of a string.
	 *
	 * @param grammar to stand in a sequence
	 * @param least how many characters it has at least
	 * @param most how many it has at most; {@link Long#MAX_VALUE} if there is no limit
	 */
	record Part(String grammar, long least, long most) {

		static final Part NOTHING = new Part("\"\"", 0, 0);

		Part then(Part next) {
			if (this == NOTHING)
				return next;
			return new Part(grammar + " " + next.grammar, least + next.least, most == Long.MAX_VALUE || next.most == Long.MAX_VALUE
					? Long.MAX_VALUE : most + next.most);
		}

		Part or(Part other) {
			return new Part(grammar + " | " + other.grammar, Math.min(least, other.least), Math.max(most, other.most));
		}
	}

	static Part translate(String text, Rules rules, Schema schema) {
		var pattern = new Pattern(text, rules, schema);
		Part all = pattern.alternatives();
		if (pattern.at < text.length())
			throw pattern.refused("has a ')' too many");
		return all;
	}

	private Part alternatives() {
		if (++depth > DEEPEST)
			throw refused("nests more than %d deep".formatted(DEEPEST));
		Part all = sequence();
		while (eats('|'))
			all = all.or(sequence());
		depth--;
		return all;
	}

	private Part sequence() {
		boolean top = depth == 1;
		Part all = !top || eats('^') ? Part.NOTHING : anything();
		while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
			if (top && text.charAt(at) == '$' && (at + 1 == text.length() || text.charAt(at + 1) == '|')) {
				at++;
				return all;
			}
			all = all.then(quantified(atom()));
		}
		return top ? all.then(anything()) : all;
	}

	private Part anything() {
		return new Part(rules.add("any", Translation.CHARACTER) + "*", 0, Long.MAX_VALUE);
	}

	private Part atom() {
		char c = text.charAt(at++);
		return switch (c) {
			case '(' -> group();
			case '[' -> chars(set());
			case '.' -> chars(LINE_ENDS.outOf(Chars.PLANE));
			case '\\' -> chars(escape(false));
			case '^', '$' -> throw refused("has '%s' elsewhere than at its ends".formatted(c));
			case '*', '+', '?', '{' -> throw refused("repeats nothing with '%s'".formatted(c));
			default -> {
				if (Character.isSurrogate(c))
					at--;
				int point = Character.isSurrogate(c) ? text.codePointAt(at) : c;
				at += Character.isSurrogate(c) ? Character.charCount(point) : 0;
				yield chars(Chars.of(point, point));
			}
		};
	}

	private Part group() {
		if (eats('?') && !eats(':')) {
			if (!eats('<') || at < text.length() && "=!".indexOf(text.charAt(at)) >= 0)
				throw refused("looks around: only groups '(…)' and '(?:…)' are possible");
			at = text.indexOf('>', at) + 1;
		}
		Part inner = alternatives();
		if (!eats(')'))
			throw refused("has a '(' that isn't closed");
		return new Part(rules.add("part", inner.grammar), inner.least, inner.most);
	}

	private Part chars(Chars chars) {
		List<String> written = chars.written();
		if (written.isEmpty())
			throw refused("has a class before position %d that is empty, or has control characters only".formatted(at));
		String one = String.join(" | ", written);
		return new Part(written.size() == 1 ? one : rules.add("chars", one), 1, 1);
	}

	private Part quantified(Part part) {
		if (at == text.length())
			return part;
		long least = 0;
		long most = Long.MAX_VALUE;
		switch (text.charAt(at)) {
			case '*' -> at++;
			case '+' -> {
				at++;
				least = 1;
			}
			case '?' -> {
				at++;
				most = 1;
			}
			case '{' -> {
				at++;
				least = count();
				most = !eats(',') ? least : at < text.length() && text.charAt(at) == '}' ? Long.MAX_VALUE : count();
				if (!eats('}') || least > most)
					throw refused("has a quantifier that makes no sense before position %d".formatted(at));
			}
			default -> {
				return part;
			}
		}
		// a lazy quantifier looks for another match, not for other texts
		eats('?');
		if (at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0)
			throw refused("has two quantifiers in a row at position %d".formatted(at));
		if (part.least == 0 && most > 1)
			throw refused("repeats before position %d what can be empty".formatted(at));
		if (part.least * least > Rules.MOST_TIMES)
			throw refused("takes more than %d characters".formatted(Rules.MOST_TIMES));
		boolean countable = most <= Rules.MOST_TIMES && part.most <= Rules.MOST_TIMES && part.most * most <= Rules.MOST_TIMES;
		return new Part(rules.repeat(part.grammar, least, most), part.least * least, countable ? part.most * most : Long.MAX_VALUE);
	}

	private long count() {
		int start = at;
		while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9')
			at++;
		if (at == start || at - start > 6 || Integer.parseInt(text, start, at, 10) > Rules.MOST_TIMES)
			throw refused("has a quantifier at position %d that is no number up to %d".formatted(start, Rules.MOST_TIMES));
		return Integer.parseInt(text, start, at, 10);
	}

	/** A class, after its bracket. */
	private Chars set() {
		boolean negated = eats('^');
		var set = new Chars(new ArrayList<>());
		while (!eats(']')) {
			Chars first = member(negated);
			if (at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
				at++;
				Chars last = member(negated);
				if (!single(first) || !single(last) || code(first) > code(last))
					throw refused("has a range before position %d that makes no sense".formatted(at));
				first = Chars.of(code(first), code(last));
			}
			set = set.and(first);
		}
		return negated ? set.outOf(Chars.PLANE) : set;
	}

	private static boolean single(Chars chars) {
		return chars.ranges().size() == 1 && chars.ranges().getFirst().first() == chars.ranges().getFirst().last();
	}

	private static int code(Chars chars) {
		return chars.ranges().getFirst().first();
	}

	private Chars member(boolean negated) {
		if (at >= text.length())
			throw refused("has a '[' that isn't closed");
		// some kinds nest classes, and intersect them
		if (text.charAt(at) == '[' || text.startsWith("&&", at))
			throw refused("has '%s' within a class: escape it".formatted(text.charAt(at)));
		int point = text.codePointAt(at);
		at += Character.charCount(point);
		return point == '\\' ? escape(negated) : Chars.of(point, point);
	}

	/**
	 * What follows a backslash.
	 *
	 * @param negated whether others than these are meant, so that these are as many as in any kind
	 */
	private Chars escape(boolean negated) {
		if (at >= text.length())
			throw refused("ends with a backslash");
		char c = text.charAt(at++);
		return switch (c) {
			case 'd' -> DIGIT;
			case 'w' -> WORD;
			case 's' -> negated ? WIDE_SPACE : SPACE;
			case 'D' -> DIGIT.outOf(Chars.PLANE);
			case 'W' -> WORD.outOf(Chars.PLANE);
			case 'S' -> (negated ? SPACE : WIDE_SPACE).outOf(Chars.PLANE);
			case 't' -> Chars.of("\t");
			case 'n' -> Chars.of("\n");
			case 'r' -> Chars.of("\r");
			case 'f' -> Chars.of("\f");
			case 'x' -> hex(2);
			case 'u' -> hex(4);
			default -> {
				if (Character.isLetterOrDigit(c) || Character.isSurrogate(c))
					throw refused("has '\\%s', which is not possible".formatted(c));
				yield Chars.of(c, c);
			}
		};
	}

	private Chars hex(int digits) {
		try {
			int code = Integer.parseUnsignedInt(text, at, at + digits, 16);
			at += digits;
			return Chars.of(code, code);
		} catch (NumberFormatException | IndexOutOfBoundsException e) {
			throw refused("has an escape at position %d without its %d digits".formatted(at, digits));
		}
	}

	private boolean eats(char c) {
		boolean there = at < text.length() && text.charAt(at) == c;
		if (there)
			at++;
		return there;
	}

	private RuntimeException refused(String why) {
		return schema.refused("pattern", "'%s' %s".formatted(text, why));
	}
}
