package meshwork.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Job;

import meshwork.shell.Frame.Kind;

/**
 * One client of the shell: a thread reads what it sends, another runs its commands one after the other, a third writes.
 * Commands don't write themselves, since a channel closes when a thread is interrupted that writes to it.
 */
final class ShellConnection {

	private static final String SCOPES = "mesh:felix:scr:*";

	/** What a command may print before it waits for a slow client. */
	private static final int FRAMES_AHEAD = 64;

	private final SocketChannel channel;
	private final Completion completion;
	private final Consumer<ShellConnection> ended;
	private final CommandProcessor processor;
	private final PrintStream err = new ClientStream(Kind.ERR);
	private final PrintStream out = new ClientStream(Kind.OUT);
	private final Object interrupting = new Object();
	private volatile CommandSession session;
	private boolean interrupted;
	private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
	private final BlockingQueue<Frame> outgoing = new ArrayBlockingQueue<>(FRAMES_AHEAD);
	private final Thread worker = Thread.ofVirtual().name("shell command").unstarted(this::run);
	private final Thread writer = Thread.ofVirtual().name("shell output").unstarted(this::write);

	ShellConnection(SocketChannel channel, CommandProcessor processor, Completion completion, Consumer<ShellConnection> ended) {
		this.channel = channel;
		this.completion = completion;
		this.ended = ended;
		this.processor = processor;
		session = processor.createSession(InputStream.nullInputStream(), out, err);
		session.put("SCOPE", SCOPES);
	}

	/** Reads until the client is gone. */
	void serve() {
		worker.start();
		writer.start();
		try {
			while (true) {
				Frame frame = Frame.read(channel);
				switch (frame.kind()) {
					case FOLDER -> enter(Path.of(frame.text()));
					case RUN -> lines.add(frame.text());
					case COMPLETE -> send(new Frame(Kind.CANDIDATES, String.join("\n", completion.of(frame.text(), session.currentDir()))));
					case INTERRUPT -> interrupt();
					case OUT, ERR, DONE, CANDIDATES -> throw new IOException("a client does not send " + frame.kind());
				}
			}
		} catch (InterruptedException | IOException | RuntimeException e) {
			close();
		}
	}

	/** The client may be on a folder that the node can't see. */
	private void enter(Path folder) {
		if (Files.isDirectory(folder))
			session.currentDir(folder);
	}

	private void write() {
		try {
			while (true)
				outgoing.take().write(channel);
		} catch (InterruptedException | IOException e) {
			close();
		}
	}

	private void run() {
		try {
			while (channel.isOpen()) {
				boolean well = run(lines.take());
				// what was meant for this command is not for the next, also if it is only about to arrive
				synchronized (interrupting) {
					Thread.interrupted();
					if (interrupted)
						renew();
				}
				out.flush();
				err.flush();
				send(new Frame(Kind.DONE, well ? "" : "failed"));
			}
		} catch (InterruptedException e) {
			close();
		}
	}

	/** Ends the command that runs, whichever of gogo's threads it runs on; one that has just ended is left in peace. */
	private void interrupt() {
		synchronized (interrupting) {
			Job job = session.foregroundJob();
			if (job != null) {
				job.interrupt();
				interrupted = true;
			}
		}
	}

	/** Gogo writes to channels of its own, and one that was interrupted while it printed is closed for good. */
	private void renew() {
		interrupted = false;
		CommandSession old = session;
		CommandSession fresh = processor.createSession(InputStream.nullInputStream(), out, err);
		// gogo lists the variables under no name
		for (Object name : (Set<?>) old.get(null))
			fresh.put((String) name, old.get((String) name));
		fresh.currentDir(old.currentDir());
		session = fresh;
		old.close();
	}

	private boolean run(String line) {
		try {
			Object result = session.execute(line);
			if (result != null)
				out.println(session.format(result, Converter.INSPECT));
			return true;
		} catch (Exception e) {
			err.println(message(e));
			return false;
		}
	}

	private static String message(Throwable failure) {
		return switch (failure) {
			case InterruptedException _ -> "interrupted";
			// gogo tells the Java types of a method
			case IllegalArgumentException e when e.getMessage() != null && e.getMessage().startsWith("Cannot coerce ") ->
				"these are not the arguments of " + e.getMessage().replaceFirst("Cannot coerce (\\w+)(?s:.*)", "$1; see: help $1");
			case Exception e when e.getClass().getSimpleName().equals("CommandNotFoundException") -> e.getMessage() + "; see: help";
			default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
		};
	}

	private void send(Frame frame) throws InterruptedException {
		outgoing.put(frame);
	}

	void close() {
		try {
			channel.close();
		} catch (IOException e) {
			// it is gone already
		}
		interrupt();
		worker.interrupt();
		writer.interrupt();
		session.close();
		ended.accept(this);
	}

	/** What goes to the client; gogo may close it, which means nothing. */
	private final class ClientStream extends PrintStream {

		ClientStream(Kind kind) {
			super(new FrameStream(kind), true, StandardCharsets.UTF_8);
		}

		@Override
		public void close() {
			flush();
		}
	}

	/** What commands print, as frames. */
	private final class FrameStream extends OutputStream {

		private final Kind kind;
		private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

		FrameStream(Kind kind) {
			this.kind = kind;
		}

		@Override
		public synchronized void write(int b) {
			waiting.write(b);
		}

		@Override
		public synchronized void write(byte[] bytes, int offset, int length) {
			waiting.write(bytes, offset, length);
		}

		@Override
		public synchronized void flush() throws IOException {
			if (waiting.size() == 0)
				return;
			try {
				send(new Frame(kind, waiting.toByteArray()));
				waiting.reset();
			} catch (InterruptedException e) {
				// what waits is not lost: it may be another thread's, which flushes it too
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("the command was interrupted while it printed");
			}
		}
	}
}
