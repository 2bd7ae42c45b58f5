package meshwork.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a source into tokens. White space around tags goes as with {@code trim_blocks} (the newline after a block) and
 * {@code lstrip_blocks} (the indentation before one), and {@code -} and {@code +} say otherwise.
 */
final class Lexer {

	/** What a token is; operators and brackets are known by their text. */
	enum Kind {
		DATA("template data"), OPEN_PRINT("begin of print statement"), CLOSE_PRINT("end of print statement"),
		OPEN_BLOCK("begin of statement block"), CLOSE_BLOCK("end of statement block"), NAME("name"), STRING("string"),
		NUMBER("number"), OPERATOR("operator"), END("end of template");

		final String words;

		Kind(String words) {
			this.words = words;
		}
	}

	/** @param value of a string or number; the text for all others */
	record Token(Kind kind, String text, Object value, int line) {

		boolean is(Kind kind, String text) {
			return this.kind == kind && this.text.equals(text);
		}

		String describe() {
			return switch (kind) {
				case NAME, OPERATOR -> text;
				case STRING -> "string " + Values.str(value);
				case NUMBER -> Values.str(value);
				default -> kind.words;
			};
		}
	}

	private static final Pattern FLOAT = Pattern.compile(
			"(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
	private static final Pattern INTEGER = Pattern.compile(
			"0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
	private static final String[] OPERATORS = {"**", "//", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]",
			"(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"};

	private final String source;
	private final List<Token> tokens = new ArrayList<>();
	private final Deque<String> brackets = new ArrayDeque<>();
	private int at;
	private int line = 1;
	private boolean lineStarts = true;

	private Lexer(String source) {
		String unix = source.replace("\r\n", "\n").replace('\r', '\n');
		this.source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
	}

	static List<Token> tokens(String source) {
		Lexer lexer = new Lexer(source);
		lexer.template();
		lexer.add(Kind.END, "");
		return lexer.tokens;
	}

	private void template() {
		while (at < source.length()) {
			int open = opening();
			if (open < 0) {
				data(source.substring(at));
				move(source.length());
				return;
			}
			char tag = source.charAt(open + 1);
			int after = open + 2;
			char sign = after < source.length() ? source.charAt(after) : 0;
			boolean signed = sign == '-' || sign == '+';
			data(stripped(source.substring(at, open), signed ? sign : 0, tag != '{'));
			move(signed ? after + 1 : after);
			if (tag == '#') {
				comment();
			} else if (tag == '%' && raw()) {
				continue;
			} else {
				add(tag == '{' ? Kind.OPEN_PRINT : Kind.OPEN_BLOCK, source.substring(open, after));
				inside(tag == '{');
			}
		}
	}

	private int opening() {
		for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
			if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
				return i;
			}
		}
		return -1;
	}

	/** Text before a tag without the white space that the tag takes with it. */
	private String stripped(String text, char sign, boolean block) {
		if (sign == '-') {
			return Text.strip(text, null, false, true);
		}
		int lineStart = text.lastIndexOf('\n') + 1;
		boolean indentation = sign != '+' && block && (lineStart > 0 || lineStarts) && lineStart < text.length()
				&& Text.strip(text.substring(lineStart), null, true, true).isEmpty();
		return indentation ? text.substring(0, lineStart) : text;
	}

	private void data(String text) {
		if (!text.isEmpty()) {
			add(Kind.DATA, text);
		}
	}

	private void comment() {
		int close = source.indexOf("#}", at);
		if (close < 0) {
			if (at == source.length()) {
				return;
			}
			throw error("Missing end of comment tag");
		}
		boolean signed = close > at && "+-".indexOf(source.charAt(close - 1)) >= 0;
		move(close + 2);
		afterBlock(signed ? source.charAt(close - 1) : 0);
	}

	/** What follows the end of a block or comment and goes with it. */
	private void afterBlock(char sign) {
		int end = at;
		if (sign == '-') {
			end = spaceEnd(at);
		} else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
			end++;
		}
		move(end);
	}

	private int spaceEnd(int from) {
		int end = from;
		while (end < source.length() && Text.isSpace(source.charAt(end))) {
			end++;
		}
		return end;
	}

	private void move(int to) {
		for (int i = at; i < to; i++) {
			line += source.charAt(i) == '\n' ? 1 : 0;
		}
		lineStarts = to > 0 && source.charAt(to - 1) == '\n';
		at = to;
	}

	/** Takes {@code {% raw %} … {% endraw %}} if that is what is here. */
	private boolean raw() {
		int end = word("raw", at);
		if (end < 0) {
			return false;
		}
		int signed = end < source.length() && source.charAt(end) == '-' ? end + 1 : end;
		if (!source.startsWith("%}", signed)) {
			return false;
		}
		int begin = signed + 2;
		move(signed > end ? spaceEnd(begin) : begin);
		for (int open = source.indexOf("{%", at); open >= 0; open = source.indexOf("{%", open + 1)) {
			char sign = open + 2 < source.length() ? source.charAt(open + 2) : 0;
			boolean left = sign == '-' || sign == '+';
			int close = word("endraw", left ? open + 3 : open + 2);
			if (close < 0) {
				continue;
			}
			char right = close < source.length() ? source.charAt(close) : 0;
			boolean closed = right == '-' || right == '+';
			if (!source.startsWith("%}", closed ? close + 1 : close)) {
				continue;
			}
			data(stripped(source.substring(at, open), left ? sign : 0, true));
			move((closed ? close + 1 : close) + 2);
			afterBlock(closed ? right : 0);
			return true;
		}
		if (at == source.length()) {
			return true;
		}
		throw error("Missing end of raw directive");
	}

	/** Where a word with white space on both sides ends, -1 if it isn't here. */
	private int word(String word, int from) {
		int start = spaceEnd(from);
		return source.startsWith(word, start) ? spaceEnd(start + word.length()) : -1;
	}

	// -- inside tags

	private void inside(boolean print) {
		String close = print ? "}}" : "%}";
		while (true) {
			if (at >= source.length()) {
				return;
			}
			if (brackets.isEmpty() && closes(close, print)) {
				return;
			}
			char c = source.charAt(at);
			if (Text.isSpace(c)) {
				move(spaceEnd(at));
			} else if (isDigit(c) && number(FLOAT, true) || isDigit(c) && number(INTEGER, false)) {
				lineStarts = false;
			} else if (isWord(source.codePointAt(at))) {
				name();
			} else if (c == '\'' || c == '"') {
				string(c);
			} else {
				operator();
			}
		}
	}

	private boolean closes(String close, boolean print) {
		char c = source.charAt(at);
		boolean signed = (c == '-' || c == '+' && !print) && source.startsWith(close, at + 1);
		if (!signed && !source.startsWith(close, at)) {
			return false;
		}
		add(print ? Kind.CLOSE_PRINT : Kind.CLOSE_BLOCK, close);
		move(at + (signed ? 3 : 2));
		if (!print) {
			afterBlock(signed ? c : 0);
		} else if (signed) {
			move(spaceEnd(at));
		}
		return true;
	}

	private static boolean isDigit(char c) {
		return c >= '0' && c <= '9';
	}

	private static boolean isWord(int c) {
		return c == '_' || Character.isLetterOrDigit(c);
	}

	private boolean number(Pattern pattern, boolean real) {
		Matcher matcher = pattern.matcher(source).useTransparentBounds(true).region(at, source.length());
		if (!matcher.lookingAt()) {
			return false;
		}
		String digits = matcher.group().replace("_", "").toLowerCase(Locale.ROOT);
		if (digits.length() > 4300) {
			throw error("a number of " + digits.length() + " digits");
		}
		Object value;
		if (real) {
			value = Double.parseDouble(digits);
		} else if (digits.length() > 1 && Character.isLetter(digits.charAt(1))) {
			int radix = digits.charAt(1) == 'x' ? 16 : digits.charAt(1) == 'o' ? 8 : 2;
			value = Values.integer(new BigInteger(digits.substring(2), radix));
		} else {
			value = Values.integer(new BigInteger(digits));
		}
		tokens.add(new Token(Kind.NUMBER, digits, value, line));
		at = matcher.end();
		return true;
	}

	private void name() {
		int end = at;
		while (end < source.length() && isWord(source.codePointAt(end))) {
			end += Character.charCount(source.codePointAt(end));
		}
		add(Kind.NAME, source.substring(at, end));
		if (!Text.isIdentifier(source.substring(at, end))) {
			throw error("Invalid character in identifier");
		}
		move(end);
	}

	private void string(char quote) {
		int end = at + 1;
		while (end < source.length() && source.charAt(end) != quote) {
			end += source.charAt(end) == '\\' ? 2 : 1;
		}
		if (end >= source.length()) {
			throw error("unexpected char " + quote + " at " + at + ": the string has no end");
		}
		tokens.add(new Token(Kind.STRING, source.substring(at, end + 1), unescape(source.substring(at + 1, end)), line));
		move(end + 1);
	}

	/** The escapes of Python's strings; a backslash before anything else stays. */
	private String unescape(String quoted) {
		if (quoted.indexOf('\\') < 0) {
			return quoted;
		}
		StringBuilder out = new StringBuilder(quoted.length());
		for (int i = 0; i < quoted.length(); i++) {
			char c = quoted.charAt(i);
			if (c != '\\') {
				out.append(c);
				continue;
			}
			char escaped = quoted.charAt(++i);
			switch (escaped) {
				case '\n' -> {
				}
				case '\\', '\'', '"' -> out.append(escaped);
				case 'a' -> out.append('\u0007');
				case 'b' -> out.append('\b');
				case 'f' -> out.append('\f');
				case 'n' -> out.append('\n');
				case 'r' -> out.append('\r');
				case 't' -> out.append('\t');
				case 'v' -> out.append('\u000b');
				case 'x', 'u', 'U' -> {
					int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
					out.appendCodePoint(hex(quoted, i + 1, digits));
					i += digits;
				}
				case 'N' -> {
					int close = quoted.indexOf('}', i);
					if (close < 0 || quoted.charAt(i + 1) != '{') {
						throw error("malformed \\N character escape");
					}
					try {
						out.appendCodePoint(Character.codePointOf(quoted.substring(i + 2, close)));
					} catch (IllegalArgumentException unknown) {
						throw error("unknown Unicode character name");
					}
					i = close;
				}
				case '0', '1', '2', '3', '4', '5', '6', '7' -> {
					int end = i + 1;
					while (end < quoted.length() && end < i + 3 && quoted.charAt(end) >= '0'
							&& quoted.charAt(end) <= '7') {
						end++;
					}
					out.append((char) Integer.parseInt(quoted.substring(i, end), 8));
					i = end - 1;
				}
				default -> {
					int point = quoted.codePointAt(i);
					out.append('\\');
					if (point < 128) {
						out.append(escaped);
					} else {
						StringBuilder code = new StringBuilder();
						Text.escape(point, code);
						out.append(code, 1, code.length());
						i += Character.charCount(point) - 1;
					}
				}
			}
		}
		return out.toString();
	}

	private int hex(String quoted, int from, int digits) {
		int end = from;
		while (end < quoted.length() && end < from + digits && Character.digit(quoted.charAt(end), 16) >= 0
				&& quoted.charAt(end) < 128) {
			end++;
		}
		long value = end == from + digits ? Long.parseLong(quoted.substring(from, end), 16) : -1;
		if (value < 0 || value > Character.MAX_CODE_POINT) {
			throw error(value < 0 ? "truncated escape in a string" : "illegal Unicode character");
		}
		return (int) value;
	}

	private void operator() {
		for (String operator : OPERATORS) {
			if (source.startsWith(operator, at)) {
				switch (operator) {
					case "{" -> brackets.push("}");
					case "(" -> brackets.push(")");
					case "[" -> brackets.push("]");
					case "}", ")", "]" -> {
						if (brackets.isEmpty() || !brackets.peek().equals(operator)) {
							throw error("unexpected '" + operator + "'"
									+ (brackets.isEmpty() ? "" : ", expected '" + brackets.peek() + "'"));
						}
						brackets.pop();
					}
					default -> {
					}
				}
				add(Kind.OPERATOR, operator);
				move(at + operator.length());
				return;
			}
		}
		throw error("unexpected char " + Values.repr(Character.toString(source.codePointAt(at))) + " at " + at);
	}

	private void add(Kind kind, String text) {
		tokens.add(new Token(kind, text, text, line));
	}

	private TemplateError error(String message) {
		return new TemplateError(TemplateError.Kind.SYNTAX, line, message);
	}
}
