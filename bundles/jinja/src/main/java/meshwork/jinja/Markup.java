package meshwork.jinja;

/**
 * Text that was marked safe. Nothing is escaped in chat templates, but Python's {@code Markup} escapes what is added to
 * it, and templates in use depend on that.
 */
record Markup(String text) {

	/** Text for HTML, five characters of it replaced. */
	static Markup escape(Object value) {
		if (value instanceof Markup markup) {
			return markup;
		}
		String text = Values.str(value);
		StringBuilder escaped = new StringBuilder(text.length() + 16);
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			switch (c) {
				case '&' -> escaped.append("&amp;");
				case '<' -> escaped.append("&lt;");
				case '>' -> escaped.append("&gt;");
				case '"' -> escaped.append("&#34;");
				case '\'' -> escaped.append("&#39;");
				default -> escaped.append(c);
			}
		}
		return new Markup(escaped.toString());
	}

	@Override
	public String toString() {
		return text;
	}
}
