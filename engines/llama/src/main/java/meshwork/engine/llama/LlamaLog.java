package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.osgi.service.log.Logger;

/**
 * llama.cpp's log in ours. What it says at length while it loads is of interest to who looks for a fault only, so each level
 * is taken one lower; and what is said of a call that fails becomes part of the exception instead.
 */
final class LlamaLog {

	private static final int DEBUG = 1;
	private static final int INFO = 2;
	private static final int WARN = 3;
	private static final int ERROR = 4;
	private static final int CONTINUED = 5;

	private final Logger logger;
	private final ThreadLocal<List<String>> complaints = new ThreadLocal<>();
	private final StringBuilder line = new StringBuilder();
	private int level = INFO;

	LlamaLog(Logger logger) {
		this.logger = logger;
	}

	/**
	 * Makes a {@code ggml_log_callback}. Its code stays until nobody holds the segment any more, which the log itself does
	 * not: a thread that calls it just when another callback takes its place still finds it.
	 */
	MemorySegment callback() {
		try {
			var receive = MethodHandles.lookup().bind(this, "receive",
					MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class));
			return Linker.nativeLinker().upcallStub(receive, FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS), Arena.ofAuto());
		} catch (ReflectiveOperationException e) {
			throw new LinkageError("no way back from llama.cpp's log", e);
		}
	}

	/** Runs a call, and keeps the errors that it says for {@link #reason} rather than logging them. */
	<T> T collecting(Supplier<T> call) {
		complaints.set(new ArrayList<>());
		try {
			return call.get();
		} finally {
			complaints.remove();
		}
	}

	/** Collects this thread's errors in a list of the caller's, from now until {@link #pass}; allocates nothing. */
	void collect(List<String> errors) {
		complaints.set(errors);
	}

	/** Errors of this thread are logged again. */
	void pass() {
		complaints.set(null);
	}

	/** Within {@link #collecting}: what was said to be wrong, or that nothing was said. */
	String reason() {
		List<String> said = complaints.get();
		return said.isEmpty() ? "llama.cpp does not say why" : String.join("; ", said);
	}

	/** Called by native code, from any thread: nothing may be thrown back into it. */
	private void receive(int level, MemorySegment text, MemorySegment data) {
		try {
			if (text.address() != 0)
				append(level, text.reinterpret(Long.MAX_VALUE).getString(0));
		} catch (Throwable e) {
			// a line of a log is not worth the process
		}
	}

	private synchronized void append(int level, String text) {
		if (level != CONTINUED) {
			if (!line.isEmpty())
				write();
			this.level = level;
		}
		line.append(text);
		if (text.endsWith("\n"))
			write();
	}

	private void write() {
		String said = line.toString().strip();
		line.setLength(0);
		List<String> wanted = complaints.get();
		if (said.isEmpty())
			return;
		if (level == ERROR && wanted != null)
			wanted.add(said.replaceFirst("^\\w+: (error: )?", ""));
		else
			switch (level) {
				case ERROR -> logger.warn(said);
				case WARN -> logger.info(said);
				case DEBUG -> logger.trace(said);
				default -> logger.debug(said);
			}
	}
}
