package meshwork.chat.reply;

import java.util.regex.Pattern;

/**
 * Checks a JSON value character by character, and passes it on. What models get wrong without being misunderstood is put right: control
 * characters within strings, and Python's words for true, false and null.
 */
final class JsonStream {

	/** What became of a character. */
	enum Taken {
		/** It is part of the value. */
		PART,
		/** The value ended with it. */
		LAST,
		/** The value ended before it. */
		BEYOND,
		/** It can't stand here. */
		WRONG
	}

	private enum State {
		VALUE, FIRST_VALUE, KEY, FIRST_KEY, COLON, AFTER, STRING, ESCAPE, UNICODE, WORD
	}

	private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
	private static final int DEEPEST = 500;

	private final StringBuilder out;
	private final StringBuilder containers = new StringBuilder();
	/** A comma and white space are held back until something follows, a word until it ends, an escape until it is complete. */
	private final StringBuilder held = new StringBuilder();
	private State state = State.VALUE;
	private boolean key;

	/** @param out where the value goes as far as it is certain */
	JsonStream(StringBuilder out) {
		this.out = out;
	}

	Taken take(char c) {
		return switch (state) {
			case STRING -> string(c);
			case ESCAPE -> escape(c);
			case UNICODE -> unicode(c);
			case WORD -> word(c);
			default -> between(c);
		};
	}

	private Taken between(char c) {
		if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
			if (!containers.isEmpty())
				held.append(c);
			return Taken.PART;
		}
		switch (state) {
			case COLON -> {
				return c == ':' ? next(c, State.VALUE) : Taken.WRONG;
			}
			case AFTER -> {
				if (c == ',') {
					held.append(c);
					state = container() == '{' ? State.KEY : State.VALUE;
					return Taken.PART;
				}
				return c == '}' || c == ']' ? close(c) : Taken.WRONG;
			}
			case KEY, FIRST_KEY -> {
				key = true;
				return c == '"' ? next(c, State.STRING) : c == '}' && state == State.FIRST_KEY ? close(c) : Taken.WRONG;
			}
			default -> {
				return value(c);
			}
		}
	}

	private Taken value(char c) {
		if (c == ']' && state == State.FIRST_VALUE)
			return close(c);
		key = false;
		if (c == '"')
			return next(c, State.STRING);
		if (c == '{' || c == '[') {
			if (containers.length() == DEEPEST)
				return Taken.WRONG;
			containers.append(c);
			return next(c, c == '{' ? State.FIRST_KEY : State.FIRST_VALUE);
		}
		if (c != '-' && !Character.isLetterOrDigit(c))
			return Taken.WRONG;
		flush();
		held.append(c);
		state = State.WORD;
		return Taken.PART;
	}

	private Taken next(char c, State next) {
		flush();
		out.append(c);
		state = next;
		return Taken.PART;
	}

	private void flush() {
		out.append(held);
		held.setLength(0);
	}

	private char container() {
		return containers.charAt(containers.length() - 1);
	}

	private Taken close(char c) {
		if (container() != (c == '}' ? '{' : '['))
			return Taken.WRONG;
		containers.setLength(containers.length() - 1);
		flush();
		out.append(c);
		return ended() ? Taken.LAST : Taken.PART;
	}

	private boolean ended() {
		state = State.AFTER;
		return containers.isEmpty();
	}

	private Taken string(char c) {
		if (c == '\\') {
			held.append(c);
			state = State.ESCAPE;
			return Taken.PART;
		}
		Values.escape(c, c != '"', out);
		if (c != '"')
			return Taken.PART;
		if (key) {
			state = State.COLON;
			return Taken.PART;
		}
		return ended() ? Taken.LAST : Taken.PART;
	}

	private Taken escape(char c) {
		if (c == 'u') {
			held.append(c);
			state = State.UNICODE;
			return Taken.PART;
		}
		if (c == '\'')
			held.setLength(0);
		else if ("\"\\/bfnrt".indexOf(c) < 0)
			held.append('\\');
		flush();
		Values.escape(c, false, out);
		state = State.STRING;
		return Taken.PART;
	}

	private Taken unicode(char c) {
		if (Character.digit(c, 16) < 0 || c > 'f')
			return Taken.WRONG;
		held.append(c);
		if (held.length() == 6) {
			flush();
			state = State.STRING;
		}
		return Taken.PART;
	}

	private Taken word(char c) {
		if (c == '-' || c == '+' || c == '.' || Character.isLetterOrDigit(c)) {
			held.append(c);
			return held.length() > 400 ? Taken.WRONG : Taken.PART;
		}
		String word = held.toString();
		held.setLength(0);
		String json = Values.word(word).orElse(NUMBER.matcher(word).matches() ? word : "");
		out.append(json);
		if (json.isEmpty())
			return Taken.WRONG;
		return ended() ? Taken.BEYOND : between(c);
	}

	/** The value was cut off: completes it with as little as possible. */
	void complete() {
		if (state == State.WORD) {
			String word = held.toString();
			out.append(Values.beginning(word).orElseGet(() -> {
				int end = word.length();
				while (end > 0 && !NUMBER.matcher(word.substring(0, end)).matches())
					end--;
				return end == 0 ? "null" : word.substring(0, end);
			}));
		}
		held.setLength(0);
		if (state == State.STRING || state == State.ESCAPE || state == State.UNICODE) {
			if (!out.isEmpty() && Character.isHighSurrogate(out.charAt(out.length() - 1)))
				out.setLength(out.length() - 1);
			out.append('"');
			state = key ? State.COLON : State.AFTER;
		}
		if (state == State.COLON)
			out.append(":null");
		else if (state == State.VALUE && (containers.isEmpty() || container() == '{'))
			out.append("null");
		for (int i = containers.length() - 1; i >= 0; i--)
			out.append(containers.charAt(i) == '{' ? '}' : ']');
		containers.setLength(0);
		state = State.AFTER;
	}
}
