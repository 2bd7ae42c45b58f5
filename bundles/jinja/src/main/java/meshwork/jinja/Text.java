package meshwork.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Strings as Python has them: sequences of code points. */
final class Text {

	private Text() {
	}

	static int length(String text) {
		return text.codePointCount(0, text.length());
	}

	static String at(String text, int index) {
		int start = text.offsetByCodePoints(0, index);
		return Character.toString(text.codePointAt(start));
	}

	static Iterator<Object> characters(String text) {
		return new Lazy(text.codePoints().iterator(), point -> Character.toString((Integer) point));
	}

	static int compare(String a, String b) {
		int end = Math.min(a.length(), b.length());
		for (int i = 0; i < end; i++) {
			if (a.charAt(i) != b.charAt(i)) {
				boolean wide = Character.isSurrogate(a.charAt(i)) && Character.isSurrogate(b.charAt(i));
				int from = wide && i > 0 && Character.isHighSurrogate(a.charAt(i - 1)) ? i - 1 : i;
				return Integer.compare(a.codePointAt(from), b.codePointAt(from));
			}
		}
		return Integer.compare(a.length(), b.length());
	}

	static String slice(String text, long from, long to, long by) {
		if (by > 0 ? from >= to : from <= to) {
			return "";
		}
		if (by == 1) {
			int start = text.offsetByCodePoints(0, (int) from);
			return text.substring(start, text.offsetByCodePoints(start, (int) (to - from)));
		}
		int[] points = text.codePoints().toArray();
		StringBuilder part = new StringBuilder();
		for (long i = from; by > 0 ? i < to : i > to; i += by) {
			part.appendCodePoint(points[(int) i]);
		}
		return part.toString();
	}

	// -- kinds of characters

	static boolean isSpace(int c) {
		return c == ' ' || c >= 9 && c <= 13 || c >= 0x1c && c <= 0x1f || c == 0x85 || c == 0xa0 || c == 0x1680
				|| c >= 0x2000 && c <= 0x200a || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f
				|| c == 0x3000;
	}

	private static boolean isCased(int c) {
		return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
	}

	static boolean isDecimal(int c) {
		return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
	}

	static boolean isNumeric(int c) {
		int type = Character.getType(c);
		return type == Character.DECIMAL_DIGIT_NUMBER || type == Character.LETTER_NUMBER
				|| type == Character.OTHER_NUMBER;
	}

	static boolean isDigit(int c) {
		return isDecimal(c) || c == 0xb2 || c == 0xb3 || c == 0xb9 || c >= 0x2070 && c <= 0x2079 && c != 0x2071
				|| c >= 0x2080 && c <= 0x2089 || c >= 0x2460 && c <= 0x2468;
	}

	static boolean isPrintable(int c) {
		return c == ' ' || switch (Character.getType(c)) {
			case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE,
					Character.UNASSIGNED, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
					Character.SPACE_SEPARATOR -> false;
			default -> true;
		};
	}

	static boolean isUpper(String text) {
		return text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c))
				&& text.codePoints().anyMatch(Character::isUpperCase);
	}

	static boolean isLower(String text) {
		return text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c))
				&& text.codePoints().anyMatch(Character::isLowerCase);
	}

	static boolean isTitle(String text) {
		boolean inWord = false;
		boolean any = false;
		for (int c : text.codePoints().toArray()) {
			if (Character.isUpperCase(c) || Character.isTitleCase(c)) {
				if (inWord) {
					return false;
				}
				inWord = true;
				any = true;
			} else if (Character.isLowerCase(c)) {
				if (!inWord) {
					return false;
				}
				any = true;
			} else {
				inWord = false;
			}
		}
		return any;
	}

	static boolean isIdentifier(String text) {
		if (text.isEmpty()) {
			return false;
		}
		int first = text.codePointAt(0);
		return (first == '_' || Character.isUnicodeIdentifierStart(first)) && text.codePoints()
				.allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
	}

	// -- case

	static String upper(String text) {
		return text.toUpperCase(Locale.ROOT);
	}

	static String lower(String text) {
		return text.toLowerCase(Locale.ROOT);
	}

	private static String titleCase(int c) {
		int title = Character.toTitleCase(c);
		if (title != c) {
			return Character.toString(title);
		}
		String whole = upper(Character.toString(c));
		return whole.length() > 1 && Character.charCount(c) == 1 ? whole.charAt(0) + lower(whole.substring(1)) : whole;
	}

	static String title(String text) {
		StringBuilder out = new StringBuilder(text.length());
		String lower = lower(text);
		boolean aligned = lower.length() == text.length();
		boolean inWord = false;
		for (int i = 0; i < text.length();) {
			int c = text.codePointAt(i);
			if (!inWord) {
				out.append(isCased(c) ? titleCase(c) : Character.toString(c));
			} else {
				out.append(aligned ? Character.toString(lower.codePointAt(i)) : lower(Character.toString(c)));
			}
			inWord = isCased(c);
			i += Character.charCount(c);
		}
		return out.toString();
	}

	static String capitalize(String text) {
		if (text.isEmpty()) {
			return text;
		}
		int end = Character.charCount(text.codePointAt(0));
		return titleCase(text.codePointAt(0)) + lower(text).substring(Math.min(lower(text.substring(0, end)).length(),
				lower(text).length()));
	}

	static String swapCase(String text) {
		StringBuilder out = new StringBuilder(text.length());
		text.codePoints().forEach(c -> {
			String one = Character.toString(c);
			out.append(Character.isUpperCase(c) ? lower(one) : Character.isLowerCase(c) ? upper(one) : one);
		});
		return out.toString();
	}

	// -- parts

	/** Without the given characters, or white space if {@code characters} is null, on the sides asked for. */
	static String strip(String text, String characters, boolean left, boolean right) {
		int start = 0;
		int end = text.length();
		while (left && start < end) {
			int c = text.codePointAt(start);
			if (!strips(c, characters)) {
				break;
			}
			start += Character.charCount(c);
		}
		while (right && end > start) {
			int c = text.codePointBefore(end);
			if (!strips(c, characters)) {
				break;
			}
			end -= Character.charCount(c);
		}
		return text.substring(start, end);
	}

	private static boolean strips(int c, String characters) {
		return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
	}

	/** Parts between separators, or runs of white space if {@code separator} is null; at most {@code most} cuts. */
	static List<String> split(String text, String separator, long most) {
		List<String> parts = new ArrayList<>();
		long left = most < 0 ? Long.MAX_VALUE : most;
		int from = 0;
		if (separator == null) {
			while (true) {
				while (from < text.length() && isSpace(text.charAt(from))) {
					from++;
				}
				if (from == text.length()) {
					return parts;
				}
				if (left-- == 0) {
					parts.add(text.substring(from));
					return parts;
				}
				int end = from;
				while (end < text.length() && !isSpace(text.charAt(end))) {
					end++;
				}
				parts.add(text.substring(from, end));
				from = end;
			}
		}
		notEmpty(separator);
		for (int at; left-- > 0 && (at = text.indexOf(separator, from)) >= 0; from = at + separator.length()) {
			parts.add(text.substring(from, at));
		}
		parts.add(text.substring(from));
		return parts;
	}

	/** As {@link #split}, cutting from the end. */
	static List<String> splitFromEnd(String text, String separator, long most) {
		List<String> parts = new ArrayList<>();
		long left = most < 0 ? Long.MAX_VALUE : most;
		int end = text.length();
		if (separator == null) {
			while (true) {
				while (end > 0 && isSpace(text.charAt(end - 1))) {
					end--;
				}
				if (end == 0) {
					return parts.reversed();
				}
				if (left-- == 0) {
					parts.add(text.substring(0, end));
					return parts.reversed();
				}
				int start = end;
				while (start > 0 && !isSpace(text.charAt(start - 1))) {
					start--;
				}
				parts.add(text.substring(start, end));
				end = start;
			}
		}
		notEmpty(separator);
		for (int at; left-- > 0 && end >= separator.length()
				&& (at = text.lastIndexOf(separator, end - separator.length())) >= 0; end = at) {
			parts.add(text.substring(at + separator.length(), end));
		}
		parts.add(text.substring(0, end));
		return parts.reversed();
	}

	static void notEmpty(String separator) {
		if (separator.isEmpty()) {
			throw new Failure("empty separator");
		}
	}

	static List<String> lines(String text, boolean keepEnds) {
		List<String> lines = new ArrayList<>();
		int from = 0;
		while (from < text.length()) {
			int end = from;
			while (end < text.length() && !isLineBreak(text.charAt(end))) {
				end++;
			}
			int next = end;
			if (next < text.length()) {
				next += text.charAt(next) == '\r' && next + 1 < text.length() && text.charAt(next + 1) == '\n' ? 2 : 1;
			}
			lines.add(text.substring(from, keepEnds ? next : end));
			from = next;
		}
		return lines;
	}

	private static boolean isLineBreak(char c) {
		return c >= 10 && c <= 13 || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
	}

	// -- search

	/** Code point index of a part between two indices as Python reads them, -1 if it isn't there. */
	static int find(String text, String part, long from, long to, boolean last) {
		int size = length(text);
		long start = from < 0 ? Math.max(0, from + size) : from;
		long end = to < 0 ? Math.max(0, to + size) : Math.min(to, size);
		if (start > end) {
			return -1;
		}
		String range = slice(text, start, end, 1);
		int at = last ? range.lastIndexOf(part) : range.indexOf(part);
		return at < 0 ? -1 : (int) start + range.codePointCount(0, at);
	}

	static int count(String text, String part) {
		if (part.isEmpty()) {
			return length(text) + 1;
		}
		int count = 0;
		for (int at = 0; (at = text.indexOf(part, at)) >= 0; at += part.length()) {
			count++;
		}
		return count;
	}

	static String replace(Run run, String text, String old, String with, long most) {
		if (most == 0 || !old.isEmpty() && !text.contains(old)) {
			return text;
		}
		long left = most < 0 ? Long.MAX_VALUE : most;
		run.characters(text.length() + Math.min(left, count(text, old)) * Math.max(0, with.length() - old.length()));
		StringBuilder out = new StringBuilder(text.length());
		int from = 0;
		if (old.isEmpty()) {
			while (from < text.length() && left-- > 0) {
				int c = text.codePointAt(from);
				out.append(with).appendCodePoint(c);
				from += Character.charCount(c);
			}
			if (left > 0 && from == text.length()) {
				out.append(with);
			}
			return out.append(text, from, text.length()).toString();
		}
		for (int at; left-- > 0 && (at = text.indexOf(old, from)) >= 0; from = at + old.length()) {
			out.append(text, from, at).append(with);
		}
		return out.append(text, from, text.length()).toString();
	}

	// -- padding

	static String pad(Run run, String text, long width, String fill, int side) {
		long missing = width - length(text);
		if (missing <= 0) {
			return text;
		}
		run.characters(text.length() + missing);
		int left = side < 0 ? 0 : side > 0 ? (int) missing : (int) (missing / 2 + (missing & width & 1));
		return fill.repeat(left) + text + fill.repeat((int) missing - left);
	}

	static String zeroFill(Run run, String text, long width) {
		long missing = width - length(text);
		if (missing <= 0) {
			return text;
		}
		run.characters(text.length() + missing);
		boolean signed = text.startsWith("+") || text.startsWith("-");
		return (signed ? text.substring(0, 1) : "") + "0".repeat((int) missing) + (signed ? text.substring(1) : text);
	}

	static String expandTabs(Run run, String text, long size) {
		StringBuilder out = new StringBuilder();
		long column = 0;
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '\t') {
				long spaces = size > 0 ? size - column % size : 0;
				run.characters(out.length() + spaces);
				out.repeat(' ', (int) spaces);
				column += spaces;
			} else {
				out.append(c);
				column = c == '\n' || c == '\r' ? 0 : Character.isLowSurrogate(c) ? column : column + 1;
			}
		}
		return out.toString();
	}

	// -- quoted

	static void repr(String text, StringBuilder out) {
		char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
		out.append(quote);
		for (int i = 0; i < text.length();) {
			int c = text.codePointAt(i);
			i += Character.charCount(c);
			switch (c) {
				case '\n' -> out.append("\\n");
				case '\r' -> out.append("\\r");
				case '\t' -> out.append("\\t");
				case '\\' -> out.append("\\\\");
				default -> {
					if (c == quote) {
						out.append('\\').append(quote);
					} else if (isPrintable(c)) {
						out.appendCodePoint(c);
					} else {
						escape(c, out);
					}
				}
			}
		}
		out.append(quote);
	}

	/** {@code ascii(value)}, given {@code repr(value)}. */
	static String ascii(String repr) {
		StringBuilder out = new StringBuilder();
		repr.codePoints().forEach(c -> {
			if (c < 128) {
				out.append((char) c);
			} else {
				escape(c, out);
			}
		});
		return out.toString();
	}

	static void escape(int c, StringBuilder out) {
		out.append(c < 0x100 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
	}
}
