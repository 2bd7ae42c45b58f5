package meshwork.engine.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How many threads a step gets when nobody says. As many as there are cores, siblings counted once: threads of a step wait
 * for one another after every operation, so one that shares a core holds all of them up. A small model gets one: what another
 * thread would save is less than what the waiting costs, and with other work on the machine far less (5 MB, two busy cores:
 * 919 tokens/s on one thread, 471 on two).
 */
final class Threads {

	/** Models up to this size stay near enough to the core for one thread. */
	private static final long SMALL = 64L << 20;
	private static final Path CPUS = Path.of("/sys/devices/system/cpu");

	private Threads() {
	}

	/** Threads for a model whose weights take this many bytes. */
	static int of(long bytes) {
		return bytes <= SMALL ? 1 : cores();
	}

	private static int cores() {
		int processors = Runtime.getRuntime().availableProcessors();
		Set<String> cores = new TreeSet<>();
		try {
			for (int cpu : IntStream.range(0, processors).toArray())
				cores.add(Files.readString(CPUS.resolve("cpu" + cpu + "/topology/thread_siblings_list")));
			return cores.size();
		} catch (IOException e) {
			// another system: on large machines two processors are one core, or every other core is a slow one
			return processors <= 4 ? processors : processors / 2;
		}
	}
}
