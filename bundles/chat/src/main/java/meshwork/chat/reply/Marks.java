package meshwork.chat.reply;

/** Finds what is always the same in what a model says; white space in it may be longer, shorter or missing. */
final class Marks {

	/** The text ends before the mark does. */
	static final int UNSURE = -1;
	/** Something else stands there. */
	static final int NONE = -2;

	private static final int LONGEST_SPACE = 64;

	private Marks() {
	}

	/** @return where the mark that begins here ends, or one of the constants */
	static int match(String mark, CharSequence text, int start) {
		int at = start;
		int i = 0;
		while (i < mark.length()) {
			if (Character.isWhitespace(mark.charAt(i))) {
				boolean word = i > 0 && Character.isLetterOrDigit(mark.charAt(i - 1));
				if (word && at < text.length() && text.charAt(at) != mark.charAt(i))
					return NONE;
				if (word && at == text.length())
					return UNSURE;
				while (i < mark.length() && Character.isWhitespace(mark.charAt(i)))
					i++;
				at = space(text, at);
			} else if (at == text.length()) {
				return UNSURE;
			} else if (text.charAt(at) == mark.charAt(i)) {
				i++;
				at++;
			} else if (i > 0 && Character.isWhitespace(text.charAt(at)) && !Character.isLetterOrDigit(mark.charAt(i - 1))) {
				int next = space(text, at);
				if (next - at > LONGEST_SPACE)
					return NONE;
				at = next;
			} else {
				return NONE;
			}
		}
		return at;
	}

	static int space(CharSequence text, int start) {
		int at = start;
		while (at < text.length() && Character.isWhitespace(text.charAt(at)))
			at++;
		return at;
	}
}
