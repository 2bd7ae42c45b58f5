package meshwork.cli;

/** What of this process is a terminal; the launcher script says so, since Java can't tell the streams apart. */
final class Terminal {

	private static final String STREAMS = System.getProperty("meshwork.terminal", "");

	private Terminal() {
	}

	static boolean inIsTerminal() {
		return STREAMS.contains("0");
	}

	static boolean outIsTerminal() {
		return STREAMS.contains("1");
	}

	static boolean errIsTerminal() {
		return STREAMS.contains("2");
	}
}
