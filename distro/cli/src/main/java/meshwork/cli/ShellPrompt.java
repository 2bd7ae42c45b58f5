package meshwork.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/** The shell at a terminal: edits lines, completes words, remembers what was typed. */
final class ShellPrompt {

	private static final String PROMPT = "meshwork> ";

	private final ShellClient client;
	private final Path history;

	ShellPrompt(ShellClient client, Path history) {
		this.client = client;
		this.history = history;
	}

	/** Runs commands until the end of input or {@code exit}; tells whether the last one went well. */
	boolean run() throws IOException {
		boolean well = true;
		try (var terminal = TerminalBuilder.builder().name("meshwork").build()) {
			LineReader reader = LineReaderBuilder.builder().terminal(terminal).completer(this::complete).parser(parser())
					.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true).variable(LineReader.HISTORY_FILE, history).build();
			terminal.handle(Signal.INT, _ -> client.interrupt());
			while (true) {
				try {
					String line = reader.readLine(PROMPT).strip();
					if (line.equals("exit") || line.equals("quit"))
						return well;
					if (!line.isEmpty())
						well = LiveScreen.takes(line) ? LiveScreen.run(client, line, terminal) : client.run(line);
				} catch (UserInterruptException e) {
					// the line is given up
				} catch (EndOfFileException e) {
					return well;
				}
			}
		}
	}

	/** Words end at blanks only; the node knows the rest of the syntax. */
	private static DefaultParser parser() {
		var parser = new DefaultParser();
		parser.setEscapeChars(null);
		parser.setEofOnUnclosedQuote(false);
		return parser;
	}

	private void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
		try {
			for (String word : client.complete(line.line().substring(0, line.cursor())))
				candidates.add(new Candidate(word, word, null, null, null, null, !word.endsWith("/")));
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
