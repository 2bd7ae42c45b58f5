package meshwork.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

import meshwork.shell.Frame;
import meshwork.shell.Frame.Kind;

/** A connection to the shell of a node. */
final class ShellClient implements AutoCloseable {

	private final SocketChannel channel;

	ShellClient(Path socket) throws IOException {
		try {
			channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
		} catch (IOException e) {
			throw new Refusal(ExitCode.REFUSED, "the shell of the node can't be reached at %s: %s".formatted(socket, e.getMessage()));
		}
		send(new Frame(Kind.FOLDER, Path.of("").toAbsolutePath().toString()));
	}

	/** Runs a command line, and prints what it prints; tells whether it went well. */
	boolean run(String line) throws IOException {
		send(new Frame(Kind.RUN, line));
		while (true) {
			Frame frame = Frame.read(channel);
			switch (frame.kind()) {
				case OUT -> print(System.out, frame);
				case ERR -> print(System.err, frame);
				case DONE -> {
					return frame.content().length == 0;
				}
				default -> throw new IOException("the shell of the node sends " + frame.kind() + " while a command runs");
			}
		}
	}

	/** What could stand in place of the last word of a line. */
	List<String> complete(String line) throws IOException {
		send(new Frame(Kind.COMPLETE, line));
		return Frame.read(channel).text().lines().toList();
	}

	/** Ends the command that runs; from any thread. */
	void interrupt() {
		try {
			send(new Frame(Kind.INTERRUPT, ""));
		} catch (IOException e) {
			// the node is gone, and the command with it
		}
	}

	private synchronized void send(Frame frame) throws IOException {
		frame.write(channel);
	}

	private static void print(PrintStream stream, Frame frame) {
		stream.writeBytes(frame.content());
		stream.flush();
	}

	@Override
	public void close() throws IOException {
		channel.close();
	}
}
