package meshwork.engine.llama;

/**
 * How far a code point is spelled in UTF-8. The native grammar takes spellings that are none (longer than need be, or of surrogates): what
 * is read then has other characters than were counted.
 */
record Spelling(int left, int least, int most) {

	/** Between two code points. */
	static final Spelling DONE = new Spelling(0, 0, 0);

	/** What can't become UTF-8 any more. */
	static final Spelling WRONG = new Spelling(-1, 0, 0);

	/** After more bytes. */
	Spelling after(byte[] bytes) {
		Spelling now = this;
		for (byte each : bytes)
			now = now.after(each & 0xFF);
		return now;
	}

	private Spelling after(int next) {
		if (left < 0)
			return this;
		if (left > 0)
			return next < least || next > most ? WRONG : left == 1 ? DONE : new Spelling(left - 1, 0x80, 0xBF);
		if (next < 0x80)
			return DONE;
		if (next < 0xC2 || next > 0xF4)
			return WRONG;
		if (next < 0xE0)
			return new Spelling(1, 0x80, 0xBF);
		if (next < 0xF0)
			return new Spelling(2, next == 0xE0 ? 0xA0 : 0x80, next == 0xED ? 0x9F : 0xBF);
		return new Spelling(3, next == 0xF0 ? 0x90 : 0x80, next == 0xF4 ? 0x8F : 0xBF);
	}
}
