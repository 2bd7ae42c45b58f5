package meshwork.cli;

import java.io.IOException;
import java.io.InterruptedIOException;

import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;

/** A command of the node's shell that draws over the whole terminal until {@code q} or Ctrl-C. */
final class LiveScreen {

	/** Another screen, without a cursor; what is wider than it is cut. */
	private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
	private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
	private static final long POLL_MS = 100;

	private LiveScreen() {
	}

	/** Whether a command line is for a screen of its own. */
	static boolean takes(String line) {
		return line.matches("(mesh:)?top") && meshwork.cli.Terminal.outIsTerminal();
	}

	/** Runs a command line in a terminal of its own; tells whether it went well. */
	static boolean run(ShellClient client, String line) throws IOException {
		try (Terminal terminal = TerminalBuilder.builder().name("meshwork").build()) {
			return run(client, line, terminal);
		}
	}

	static boolean run(ShellClient client, String line, Terminal terminal) throws IOException {
		Attributes attributes = terminal.enterRawMode();
		var interrupts = terminal.handle(Signal.INT, _ -> client.interrupt());
		print(ENTER);
		Thread keys = Thread.ofVirtual().name("keys").start(() -> read(terminal.reader(), client));
		try {
			// it is told to end, which is no failure
			client.run(line);
			return true;
		} finally {
			keys.interrupt();
			print(LEAVE);
			terminal.handle(Signal.INT, interrupts);
			terminal.setAttributes(attributes);
		}
	}

	private static void read(NonBlockingReader reader, ShellClient client) {
		try {
			while (!Thread.interrupted())
				switch (reader.read(POLL_MS)) {
					case 'q', 'Q', 3, NonBlockingReader.EOF -> {
						client.interrupt();
						return;
					}
					default -> {
					}
				}
		} catch (InterruptedIOException e) {
			// the command has ended
		} catch (IOException e) {
			client.interrupt();
		}
	}

	private static void print(String text) {
		System.out.print(text);
		System.out.flush();
	}
}
