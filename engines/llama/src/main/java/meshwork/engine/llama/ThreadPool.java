package meshwork.engine.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Threads that wait between steps. Without a pool llama.cpp's prebuilt libraries, which have no OpenMP, make threads anew for
 * every step. These sleep rather than spin while they wait: on few cores spinning takes from the JVM what it saves.
 */
final class ThreadPool implements AutoCloseable {

	private static final int NO_SPINNING = 0;

	final MemorySegment pointer;
	private final LlamaLibrary library;

	ThreadPool(LlamaLibrary library, int threads) {
		this.library = library;
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment params = library.allocate("ggml_threadpool_params", arena);
			library.calls.ggml_threadpool_params_init(params, threads);
			library.set(params, "ggml_threadpool_params", "poll", NO_SPINNING);
			pointer = library.cpu.ggml_threadpool_new(params);
		}
	}

	@Override
	public void close() {
		library.cpu.ggml_threadpool_free(pointer);
	}
}
